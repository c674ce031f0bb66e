import { HappenError } from '../errors/happen-error.js';
import { longestName } from './event-type.js';

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
