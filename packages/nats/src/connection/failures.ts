import { HappenError } from '@happen/core';

export function disconnected(message: string, cause?: unknown): HappenError {
  return new HappenError('HAPPEN_DISCONNECTED', message, cause === undefined ? {} : { cause });
}

export function closed(why: string): HappenError {
  return new HappenError('HAPPEN_CLOSED', `The NATS transport takes nothing. ${why}`);
}

/** Whether a server refuses who we say we are; trying again does not help then. */
export function isAuthentication(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (/^(AuthorizationError|UserAuthenticationExpiredError)$/.test(each.name)) return true;
    if (/authorization violation|authentication (expired|timeout|error)|user authentication/i.test(each.message))
      return true;
  }
  return false;
}
