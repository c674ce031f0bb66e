import { type ErrorCode, isHappenError } from '@happen/core';

/** Fails the clause unless the condition holds. */
export function check(condition: boolean, failure: string): asserts condition {
  if (!condition) throw new Error(failure);
}

/** Fails the clause unless both have the same form: numbers, strings, booleans, bytes, and arrays and objects of these. */
export function checkEqual(found: unknown, expected: unknown, what: string): void {
  if (same(found, expected)) return;
  throw new Error(`${what}: expected ${shown(expected)}, found ${shown(found)}`);
}

/** Fails the clause unless the call returns a promise that rejects with the code; gives back the error. */
export async function checkRejects(call: () => unknown, code: ErrorCode, what: string): Promise<Error> {
  let promise: unknown;
  try {
    promise = call();
  } catch (error) {
    throw new Error(`${what}: expected a rejection with ${code}, but the call threw ${shown(error)}`, { cause: error });
  }
  try {
    await promise;
  } catch (error) {
    if (isHappenError(error, code)) return error;
    throw new Error(`${what}: expected ${code}, but it rejected with ${shown(error)}`, { cause: error });
  }
  throw new Error(`${what}: expected a rejection with ${code}, but it resolved`);
}

/** Fails the clause unless the call throws the code at once. */
export function checkThrows(call: () => unknown, code: ErrorCode, what: string): void {
  try {
    call();
  } catch (error) {
    if (isHappenError(error, code)) return;
    throw new Error(`${what}: expected ${code}, but it threw ${shown(error)}`, { cause: error });
  }
  throw new Error(`${what}: expected it to throw ${code}, but it returned`);
}

function same(found: unknown, expected: unknown): boolean {
  if (Object.is(found, expected)) return true;
  if (typeof found !== 'object' || typeof expected !== 'object' || found === null || expected === null) return false;
  if (found instanceof Uint8Array || expected instanceof Uint8Array) {
    return found instanceof Uint8Array && expected instanceof Uint8Array && sameBytes(found, expected);
  }
  if (Array.isArray(found) !== Array.isArray(expected)) return false;
  const keys = Object.keys(expected);
  if (Object.keys(found).length !== keys.length) return false;
  return keys.every((key) => same((found as Record<string, unknown>)[key], (expected as Record<string, unknown>)[key]));
}

/** Whether both hold the same bytes, whatever kind of array of bytes each is. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

function shown(value: unknown): string {
  if (value instanceof Error) return isHappenError(value) ? `${value.code} (${value.message})` : String(value);
  if (value instanceof Uint8Array)
    return `${value.length} bytes [${value.slice(0, 16).join(' ')}${value.length > 16 ? ' …' : ''}]`;
  if (Array.isArray(value)) {
    return `[${value.slice(0, 12).map(shown).join(', ')}${value.length > 12 ? `, … (${value.length})` : ''}]`;
  }
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, member]) => `${key}: ${shown(member)}`)
      .join(', ')} }`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
