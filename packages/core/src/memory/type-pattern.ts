/**
 * Whether an event type matches a listener's pattern: exact, `*` for one segment, `**` for any number of segments, none
 * included. Takes at most the product of both lengths in steps, whatever the pattern.
 */
export function matchesType(pattern: string, type: string): boolean {
  if (!pattern.includes('*')) return pattern === type;
  const wanted = pattern.split('.');
  const found = type.split('.');
  let at = 0;
  let next = 0;
  // The last `**` seen and how far it reaches: on a mismatch it takes one segment more. Earlier ones need no second try.
  let anyAt = -1;
  let anyUntil = 0;
  while (next < found.length) {
    if (wanted[at] === '**') {
      anyAt = at++;
      anyUntil = next;
    } else if (at < wanted.length && (wanted[at] === '*' || wanted[at] === found[next])) {
      at++;
      next++;
    } else if (anyAt >= 0) {
      at = anyAt + 1;
      next = ++anyUntil;
    } else {
      return false;
    }
  }
  while (wanted[at] === '**') at++;
  return at === wanted.length;
}
