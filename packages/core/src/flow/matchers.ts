import { HappenError } from '../errors/happen-error.js';
import { longestName } from '../event/event-type.js';
import { compilePattern, type Matcher } from './pattern.js';

/**
 * Matches one type exactly.
 *
 * @throws HappenError `HAPPEN_INVALID_PATTERN` for what no type can be
 */
export function exact(type: string): Matcher {
  checkName('exact', type);
  return (candidate) => candidate === type;
}

/**
 * Matches every type below a first part: `domain('order')` matches `order.submitted` and `order.line.added`.
 *
 * @throws HappenError `HAPPEN_INVALID_PATTERN` for what no type can begin with
 */
export function domain(name: string): Matcher {
  checkName('domain', name);
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

/**
 * Matches what any of the patterns matches; a string among them is an exact type.
 *
 * @throws HappenError `HAPPEN_INVALID_PATTERN`
 */
export function oneOf(...patterns: readonly (string | Matcher)[]): Matcher {
  const tests = patterns.map((pattern) => matcher('oneOf', pattern));
  return (type) => tests.some((test) => test(type));
}

/**
 * Matches what the pattern does not match; a string is an exact type.
 *
 * @throws HappenError `HAPPEN_INVALID_PATTERN`
 */
export function not(pattern: string | Matcher): Matcher {
  const test = matcher('not', pattern);
  return (type) => !test(type);
}

/**
 * The matchers of one domain: `order('submitted')`, `order.all()`, `order.oneOf('submitted', 'shipped')`. They throw
 * `HAPPEN_INVALID_PATTERN` for what no action can be.
 */
export interface Domain {
  (action: string): Matcher;
  /** Every type of the domain. */
  all(): Matcher;
  /** The named actions of the domain. */
  oneOf(...actions: readonly string[]): Matcher;
}

/**
 * Makes the matchers of a domain.
 *
 * @throws HappenError `HAPPEN_INVALID_PATTERN` for what no type can begin with
 */
export function createDomain(name: string): Domain {
  checkName('createDomain', name);
  const typeOf = (action: string): string => {
    checkName(`createDomain('${name}')`, action);
    return `${name}.${action}`;
  };
  return Object.assign((action: string): Matcher => exact(typeOf(action)), {
    all: (): Matcher => domain(name),
    oneOf: (...actions: readonly string[]): Matcher => oneOf(...actions.map(typeOf)),
  });
}

function matcher(caller: string, pattern: unknown): Matcher {
  if (typeof pattern === 'function') return pattern as Matcher;
  checkName(caller, pattern, 'a matcher, or ');
  return exact(pattern);
}

/** What matches nothing, or with `not` everything, is a mistake that nobody would notice. */
function checkName(caller: string, name: unknown, orElse = ''): asserts name is string {
  if (typeof name === 'string' && name.length > 0 && name.length <= longestName) return;
  const found = typeof name === 'string' ? `one of ${name.length}` : typeof name;
  throw new HappenError(
    'HAPPEN_INVALID_PATTERN',
    `${caller}(): expected ${orElse}a string of 1 to ${longestName} characters, found ${found}.`,
    { details: { pattern: typeof name === 'string' ? name.slice(0, longestName) : found } },
  );
}
