import { longestName } from '../event/event-type.js';
import { HappenError } from '../errors/happen-error.js';

/** A test for event types. */
export type Matcher = (type: string) => boolean;

/** A compiled pattern. */
export interface CompiledPattern {
  readonly matches: Matcher;
  /** The one type it matches, where it is a type. */
  readonly exact: string | undefined;
  /** Whether it may see the framework's own events: only a string that begins with `node.` or `system.` does. */
  readonly system: boolean;
  /** The pattern in the form transports take (exact types, `*`, `**`), a superset of what `matches` lets through. */
  readonly interests: readonly string[];
}

const everything: readonly string[] = ['**'];
/** More alternatives than this, written out, are listened to as `**`. */
const mostInterests = 32;
const mostAlternatives = 1024;

/**
 * Compiles what `on` was given: a function, or a string in which `*` stands for exactly one segment, `**` for any number of
 * segments (none included), `{a,b}` for alternatives, and segments are parted by dots. A segment may be empty, as in types.
 *
 * @throws HappenError `HAPPEN_INVALID_PATTERN`
 */
export function compilePattern(pattern: unknown): CompiledPattern {
  if (typeof pattern === 'function') {
    const matches: Matcher = (type) => Boolean((pattern as Matcher)(type));
    return { matches, exact: undefined, system: false, interests: everything };
  }
  if (typeof pattern !== 'string') throw invalid(typeof pattern, 'a string or a function');
  if (pattern.length > longestName) throw invalid(`${pattern.slice(0, 32)}…`, `at most ${longestName} characters`);
  const system = pattern.startsWith('node.') || pattern.startsWith('system.');
  if (!/[*{},]/.test(pattern)) {
    if (pattern === '') throw invalid(pattern, 'at least one character');
    return { matches: (type) => type === pattern, exact: pattern, system, interests: [pattern] };
  }
  const written = alternatives(pattern, pattern);
  const tests = written.map((one) => compileSegments(one, pattern));
  const single = tests[0] as Matcher;
  return {
    matches: tests.length === 1 ? single : (type) => tests.some((test) => test(type)),
    exact: undefined,
    system,
    interests: written.length > mostInterests ? everything : written,
  };
}

function compileSegments(pattern: string, whole: string): Matcher {
  const segments = pattern.split('.');
  if (pattern === '') throw invalid(whole, 'at least one character', pattern);
  for (const segment of segments) {
    if (segment.includes('*') && segment !== '*' && segment !== '**') {
      throw invalid(whole, '"*" and "**" as whole segments', pattern);
    }
  }
  if (!segments.includes('*') && !segments.includes('**')) return (type) => type === pattern;
  if (pattern === '**') return () => true;
  return (type) => matchSegments(segments, type.split('.'));
}

/** Linear in the product of both lengths: the position after the last `**` is all that need be remembered. */
function matchSegments(pattern: readonly string[], type: readonly string[]): boolean {
  let p = 0;
  let t = 0;
  let retryPattern = -1;
  let retryType = 0;
  while (t < type.length) {
    const segment = pattern[p];
    if (segment === '**') {
      retryPattern = ++p;
      retryType = t;
    } else if (segment !== undefined && (segment === '*' || segment === type[t])) {
      p++;
      t++;
    } else if (retryPattern >= 0) {
      p = retryPattern;
      t = ++retryType;
    } else {
      return false;
    }
  }
  while (pattern[p] === '**') p++;
  return p === pattern.length;
}

/**
 * Writes `{a,b}` out. Nested braces are allowed; the number of results is bounded. Each part of the pattern is written out
 * once, and equal results are one, so that the work is bounded as well.
 */
function alternatives(pattern: string, whole: string): readonly string[] {
  const open = pattern.indexOf('{');
  const head = open < 0 ? pattern : pattern.slice(0, open);
  if (head.includes('}')) throw invalid(whole, 'a "{" before each "}"');
  if (head.includes(',')) throw invalid(whole, 'commas only within "{…}"');
  if (open < 0) return [pattern];
  const { options, tail } = firstGroup(pattern, open, whole);
  const beginnings = new Set(options.flatMap((option) => alternatives(option, whole)));
  const results = new Set<string>();
  const rests = alternatives(tail, whole);
  for (const beginning of beginnings) {
    for (const rest of rests) {
      results.add(head + beginning + rest);
      if (results.size > mostAlternatives) throw invalid(whole, `at most ${mostAlternatives} alternatives`);
    }
  }
  return [...results];
}

/** The options of the group that begins at `open`, and what follows it. */
function firstGroup(
  pattern: string,
  open: number,
  whole: string,
): { readonly options: string[]; readonly tail: string } {
  const options: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let i = open; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === '{') depth++;
    else if (character === ',' && depth === 1) {
      options.push(pattern.slice(from, i));
      from = i + 1;
    } else if (character === '}' && --depth === 0) {
      options.push(pattern.slice(from, i));
      if (options.length === 1 && options[0] === '') throw invalid(whole, 'something between "{" and "}"');
      return { options, tail: pattern.slice(i + 1) };
    }
  }
  throw invalid(whole, 'a "}" for each "{"');
}

function invalid(pattern: string, expected: string, part = pattern): HappenError {
  const written = part === pattern ? '' : `, of which one alternative is ${JSON.stringify(part)},`;
  return new HappenError(
    'HAPPEN_INVALID_PATTERN',
    `The pattern ${JSON.stringify(pattern)}${written} is not valid: expected ${expected}.`,
    { details: { pattern } },
  );
}
