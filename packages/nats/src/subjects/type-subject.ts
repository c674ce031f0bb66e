import { tokenOf } from './token.js';

/** A type this long, as a subject, would leave no room for the rest of a line that a server takes (4 096 bytes). */
const longestType = 1_000;

/** Where broadcasts go whose type is too long for a subject. No type has this token, since `l` is no hexadecimal digit. */
const longTypes = '=long';

/** The part of a subject that names a type: a token for each of its segments. */
export function typeSubject(type: string): string {
  const subject = type.includes('.') ? type.split('.').map(tokenOf).join('.') : tokenOf(type);
  return subject.length <= longestType ? subject : longTypes;
}

/**
 * The filters that let through every type that a pattern matches, and as little else as subjects can say: `*` is one token,
 * and a `**` at the end is none or `>`. What follows an inner `**` no filter can say, so that lets more through.
 */
function typeFilters(pattern: string): readonly string[] {
  const segments = pattern.split('.');
  const open = segments.indexOf('**');
  const before = segments
    .slice(0, open < 0 ? undefined : open)
    .map((segment) => (segment === '*' ? '*' : tokenOf(segment)));
  if (open < 0) {
    const filter = before.join('.');
    return filter.length <= longestType ? [filter] : [];
  }
  const rest = segments.slice(open);
  const filters = [[...before, '>'].join('.')];
  if (before.length > 0 && rest.every((segment) => segment === '**')) filters.push(before.join('.'));
  return filters.every((filter) => filter.length <= longestType) ? filters : [];
}

/** Whether every subject that `narrow` matches is matched by `wide` as well. */
function covers(wide: string, narrow: string): boolean {
  const [a, b] = [wide.split('.'), narrow.split('.')];
  for (let at = 0; at < a.length; at++) {
    const token = a[at];
    if (token === '>') return at < b.length;
    if (at >= b.length || b[at] === '>') return false;
    if (token !== '*' && token !== b[at]) return false;
  }
  return a.length === b.length;
}

/** The fewest filters for a set of patterns: none is covered by another. Types too long for a subject come by one of their own. */
export function filtersOf(patterns: readonly string[]): readonly string[] {
  const all = [...new Set(patterns.flatMap(typeFilters))];
  if (patterns.length > 0 && patterns.some(mayBeLong)) all.push(longTypes);
  // Nothing else can cover another; so the cost grows with these, and not with the square of all.
  const wide = all.filter((filter) => /(?:^|\.)[*>](?:\.|$)/.test(filter)).slice(0, mostWide);
  return all.filter((filter) => !wide.some((other) => other !== filter && covers(other, filter)));
}

/** Whether patterns let a type through, as far as subjects can say it. Cheap for one question, whoever wrote the patterns. */
export function mayMatch(patterns: readonly string[], type: string): boolean {
  const subject = typeSubject(type);
  if (subject === longTypes) return patterns.some(mayBeLong);
  return patterns.some((pattern) => typeFilters(pattern).some((filter) => covers(filter, subject)));
}

/** A filter that a wider one covers costs a subscription, and hands nothing over twice: the server delivers once to a queue. */
const mostWide = 100;

function mayBeLong(pattern: string): boolean {
  return pattern.split('.').some((segment) => segment === '**' || segment === '*') || typeFilters(pattern).length === 0;
}
