const decimalText = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const longestText = 64;

/** Whether a text is a decimal number: a sign, digits, a point and an exponent of up to three digits, all but a digit optional. */
export function isDecimal(text: string): boolean {
  return text.length <= longestText && decimalText.test(text) && /^[^eE]*\d/.test(text);
}

/**
 * Reads a decimal number exactly, as a whole number of units of 10^-digits: `scaledDecimal('9.80000019', 2)` is 980.
 * Rounds half away from zero. No binary fraction is involved, so 1.005 is 101 hundredths.
 *
 * @returns `undefined` for what is no number, and for what no safe integer can hold
 */
export function scaledDecimal(text: string, digits: number): number | undefined {
  const match = isDecimal(text) ? decimalText.exec(text) : null;
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  // The value is 0.<all> × 10^point, counted in units of 10^-digits.
  const all = whole + fraction;
  const point = whole.length + Number(exponent) + digits;
  const kept = point <= 0 ? '0' : all.slice(0, point).padEnd(point, '0');
  const roundsUp = point >= 0 && (all[point] ?? '0') >= '5';
  const size = Number(kept) + (roundsUp ? 1 : 0);
  if (!Number.isSafeInteger(size)) return undefined;
  return sign === '-' && size !== 0 ? -size : size;
}
