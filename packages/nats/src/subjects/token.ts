/**
 * Any string as one token of a subject, so that no two strings give the same one, and none is a wildcard.
 *
 * ASCII letters, digits, `-` and `_` stay as they are. Any other UTF-16 code unit becomes `=` and four hexadecimal digits, and
 * the empty string `=` alone. A token is at most five times as long as its string.
 */
export function tokenOf(text: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return text;
  if (text === '') return '=';
  return text.replace(/[^A-Za-z0-9_-]/g, (unit) => `=${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
