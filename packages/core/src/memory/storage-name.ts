import { HappenError } from '../errors/happen-error.js';

const longestName = 1_024;

/**
 * Checks a key, or the name of a map or a journal.
 *
 * @throws HappenError `HAPPEN_INVALID_OPTION` unless it is a non-empty, well-formed string of up to 1 024 UTF-8 bytes
 */
export function checkStorageName(what: string, name: string): void {
  if (typeof name === 'string' && name !== '' && utf8Length(name) <= longestName) return;
  throw new HappenError(
    'HAPPEN_INVALID_OPTION',
    `${what} must be a well-formed string of 1 to ${longestName} UTF-8 bytes.`,
    { details: { limit: longestName } },
  );
}

/**
 * Checks a revision or a sequence.
 *
 * @throws HappenError `HAPPEN_INVALID_OPTION` unless it is a whole number, 0 or more
 */
export function checkPosition(what: string, position: number): void {
  if (Number.isSafeInteger(position) && position >= 0) return;
  throw new HappenError('HAPPEN_INVALID_OPTION', `${what} must be a whole number, 0 or more, but is ${position}.`);
}

/** Infinite for half a surrogate pair, which no UTF-8 can hold. */
function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point >= 0xd800 && point <= 0xdfff) return Number.POSITIVE_INFINITY;
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
  }
  return length;
}
