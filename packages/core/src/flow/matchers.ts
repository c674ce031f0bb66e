import { compilePattern, type Matcher } from './pattern.js';

/** Matches one type exactly. */
export function exact(type: string): Matcher {
  return (candidate) => candidate === type;
}

/** Matches every type below a first part: `domain('order')` matches `order.submitted` and `order.line.added`. */
export function domain(name: string): Matcher {
  const prefix = `${name}.`;
  return (type) => type.startsWith(prefix);
}

/**
 * Matches a string pattern, with the rules of `on`: `*` is exactly one segment, `**` any number of them.
 *
 * @throws HappenError `HAPPEN_INVALID_PATTERN`
 */
export function wildcard(pattern: string): Matcher {
  return compilePattern(pattern).matches;
}

/** Matches what any of the patterns matches; a string among them is an exact type. */
export function oneOf(...patterns: readonly (string | Matcher)[]): Matcher {
  const tests = patterns.map(matcher);
  return (type) => tests.some((test) => test(type));
}

/** Matches what the pattern does not match; a string is an exact type. */
export function not(pattern: string | Matcher): Matcher {
  const test = matcher(pattern);
  return (type) => !test(type);
}

/** The matchers of one domain: `order('submitted')`, `order.all()`, `order.oneOf('submitted', 'shipped')`. */
export interface Domain {
  (action: string): Matcher;
  /** Every type of the domain. */
  all(): Matcher;
  /** The named actions of the domain. */
  oneOf(...actions: readonly string[]): Matcher;
}

/** Makes the matchers of a domain. */
export function createDomain(name: string): Domain {
  const prefix = `${name}.`;
  return Object.assign((action: string): Matcher => exact(prefix + action), {
    all: (): Matcher => domain(name),
    oneOf: (...actions: readonly string[]): Matcher => oneOf(...actions.map((action) => prefix + action)),
  });
}

function matcher(pattern: string | Matcher): Matcher {
  return typeof pattern === 'function' ? pattern : exact(pattern);
}
