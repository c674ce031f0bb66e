import { longestName } from '../event/event-type.js';
import { HappenError } from '../errors/happen-error.js';

/** @throws HappenError `HAPPEN_INVALID_NODE_ID` */
export function checkNodeId(id: unknown): asserts id is string {
  if (typeof id !== 'string' || id.length === 0 || id.length > longestName || id.includes(':')) {
    const found = typeof id === 'string' ? JSON.stringify(id.slice(0, 64)) : typeof id;
    throw new HappenError(
      'HAPPEN_INVALID_NODE_ID',
      `A node id is a string of 1 to ${longestName} characters without ":", not ${found}.`,
    );
  }
}

/** A test for ids, of nodes or of sources: `*` stands for any run of characters, everything else for itself. */
export function idPattern(pattern: string): (id: string) => boolean {
  if (!pattern.includes('*')) return (id) => id === pattern;
  const parts = pattern.split('*');
  const first = parts[0] as string;
  const last = parts[parts.length - 1] as string;
  const middle = parts.slice(1, -1).filter((part) => part !== '');
  return (id) => {
    if (id.length < first.length + last.length || !id.startsWith(first) || !id.endsWith(last)) return false;
    let from = first.length;
    const end = id.length - last.length;
    for (const part of middle) {
      const found = id.indexOf(part, from);
      if (found < 0 || found + part.length > end) return false;
      from = found + part.length;
    }
    return true;
  };
}
