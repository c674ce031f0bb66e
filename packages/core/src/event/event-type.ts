import { HappenError } from '../errors/happen-error.js';

/** The longest event type and the longest node id, in UTF-16 code units. */
export const longestName = 512;

/** Whether a type belongs to the framework's own events. */
export function isReserved(type: string): boolean {
  const first = type.charCodeAt(0);
  if (first !== 110 && first !== 115) return false;
  return type.startsWith('node.') || type.startsWith('system.');
}

/** @throws HappenError `HAPPEN_INVALID_EVENT`, `HAPPEN_RESERVED_TYPE` */
export function checkEventType(type: unknown): asserts type is string {
  if (typeof type !== 'string' || type.length === 0 || type.length > longestName) {
    const found = typeof type === 'string' ? `a string of ${type.length} characters` : typeof type;
    throw new HappenError(
      'HAPPEN_INVALID_EVENT',
      `An event needs a type, a string of 1 to ${longestName} characters; this one has ${found}.`,
    );
  }
  if (isReserved(type)) {
    throw new HappenError(
      'HAPPEN_RESERVED_TYPE',
      `The type "${type}" belongs to the framework: "node.*" and "system.*" can't be emitted. Choose another first segment.`,
      { details: { type } },
    );
  }
}
