import { HappenError } from '../errors/happen-error.js';

/** The transport is to blame. */
export function disconnected(message: string, cause?: unknown): HappenError {
  return new HappenError('HAPPEN_DISCONNECTED', message, cause === undefined ? {} : { cause });
}
