/** What a value of a config has to be. Each of these throws `HAPPEN_INVALID_CONFIG`, naming the path, and passes over what is absent. */
import { HappenError } from '../errors/happen-error.js';

/** @throws HappenError `HAPPEN_INVALID_CONFIG` for a key that is not among those allowed */
export function checkKeys(path: string, value: object | undefined, allowed: readonly string[], none = 'no keys'): void {
  if (value === undefined) return;
  expectObject(path === '' ? 'config' : path, value);
  for (const key of Object.keys(value)) {
    if (allowed.includes(key)) continue;
    const expected = allowed.length === 0 ? none : `one of ${allowed.join(', ')}`;
    throw new HappenError(
      'HAPPEN_INVALID_CONFIG',
      `${path === '' ? key : `${path}.${key}`}: unknown key; expected ${expected}.`,
      {
        details: { path: path === '' ? key : `${path}.${key}` },
      },
    );
  }
}

export function checkMethods(path: string, value: unknown, methods: readonly string[]): void {
  if (value === undefined) return;
  if (typeof value !== 'object' || value === null) throw wrong(path, `an object with ${methods.join(', ')}`, value);
  for (const method of methods) {
    const found = (value as Record<string, unknown>)[method];
    if (typeof found !== 'function') throw wrong(`${path}.${method}`, 'a function', found);
  }
}

export function expectObject(path: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, 'an object', value);
}

export function oneOf(path: string, value: unknown, allowed: readonly (string | boolean)[]): void {
  if (value !== undefined && !allowed.includes(value as string))
    throw wrong(path, allowed.map((word) => JSON.stringify(word)).join(' or '), value);
}

export function integer(path: string, value: unknown, least: number, most: number): void {
  if (value !== undefined && !(Number.isInteger(value) && (value as number) >= least && (value as number) <= most)) {
    throw wrong(path, `a whole number from ${least} to ${most}`, value);
  }
}

export function text(path: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'string') throw wrong(path, 'a string', value);
}

/** The error for a value that is not what was expected. */
export function wrong(path: string, expected: string, found: unknown): HappenError {
  const shown =
    typeof found === 'string' || typeof found === 'number'
      ? JSON.stringify(found)
      : found === null
        ? 'null'
        : Array.isArray(found)
          ? 'a list'
          : typeof found;
  return new HappenError('HAPPEN_INVALID_CONFIG', `${path}: expected ${expected}; found ${shown}.`, {
    details: { path },
  });
}
