import { describeThrown } from '../errors/describe-thrown.js';
import { HappenError } from '../errors/happen-error.js';
import { copyValue } from '../event/isolation.js';
import { checkPayload } from '../wire/check-payload.js';
import type { WireLimits } from '../wire/limits.js';

/**
 * The asker's own copy of what a handler gave, checked to be able to cross a wire.
 *
 * @param path what the value is called in errors
 * @throws HappenError `HAPPEN_NOT_SERIALISABLE`, `HAPPEN_PAYLOAD_TOO_LARGE`; whatever getters and proxies in it throw, no other
 */
export function checkedCopy(value: unknown, path: string, limits: WireLimits): unknown {
  checkPayload(value, path, limits);
  try {
    return copyValue(value, false);
  } catch (cause) {
    const why = `${path} could not be copied: ${describeThrown(cause).message}`;
    throw new HappenError('HAPPEN_NOT_SERIALISABLE', why, { details: { path }, cause });
  }
}
