import { longestName } from '../event/event-type.js';
import { HappenError } from '../errors/happen-error.js';

/** A test for event types. */
export type Matcher = (type: string) => boolean;

/** A compiled pattern. */
export interface CompiledPattern {
  readonly matches: Matcher;
  /** Whether it may see the framework's own events: only a string that begins with `node.` or `system.` does. */
  readonly system: boolean;
  /** The pattern in the form transports take (exact types, `*`, `**`), a superset of what `matches` lets through. */
  readonly interests: readonly string[];
}

const everything: readonly string[] = ['**'];
/** More alternatives than this, written out, are listened to as `**`. */
const mostInterests = 32;

/**
 * Compiles what `on` was given: a function, or a string in which `*` stands for exactly one segment, `**` for any number of
 * segments (none included), `{a,b}` for alternatives, and segments are parted by dots.
 *
 * @throws HappenError `HAPPEN_INVALID_PATTERN`
 */
export function compilePattern(pattern: unknown): CompiledPattern {
  if (typeof pattern === 'function') {
    return { matches: (type) => Boolean((pattern as Matcher)(type)), system: false, interests: everything };
  }
  if (typeof pattern !== 'string') throw invalid(String(pattern), `a string or a function, not ${typeof pattern}`);
  if (pattern.length > longestName) throw invalid(`${pattern.slice(0, 32)}…`, `at most ${longestName} characters`);
  const system = pattern.startsWith('node.') || pattern.startsWith('system.');
  if (!/[*{},]/.test(pattern)) {
    if (pattern === '') throw invalid(pattern, 'at least one character');
    return { matches: (type) => type === pattern, system, interests: [pattern] };
  }
  const written = alternatives(pattern);
  const tests = written.map(compileSegments);
  const single = tests[0] as Matcher;
  return {
    matches: tests.length === 1 ? single : (type) => tests.some((test) => test(type)),
    system,
    interests: written.length > mostInterests ? everything : written,
  };
}

function compileSegments(pattern: string, _index: number, all: readonly string[]): Matcher {
  const segments = pattern.split('.');
  for (const segment of segments) {
    if (segment === '') throw invalid(pattern, 'no empty segment between dots', all);
    if (segment.includes('*') && segment !== '*' && segment !== '**') {
      throw invalid(pattern, '"*" and "**" as whole segments', all);
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

/** Writes `{a,b}` out. Nested braces are allowed; the number of results is bounded. */
function alternatives(pattern: string): readonly string[] {
  const open = pattern.indexOf('{');
  if (open < 0) {
    if (pattern.includes('}')) throw invalid(pattern, 'a "{" before each "}"');
    if (pattern.includes(',')) throw invalid(pattern, 'commas only within "{…}"');
    return [pattern];
  }
  let depth = 0;
  let from = open + 1;
  const options: string[] = [];
  for (let i = open; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === '{') depth++;
    else if (character === ',' && depth === 1) {
      options.push(pattern.slice(from, i));
      from = i + 1;
    } else if (character === '}' && --depth === 0) {
      options.push(pattern.slice(from, i));
      const head = pattern.slice(0, open);
      const tail = pattern.slice(i + 1);
      if (head.includes('}') || head.includes(','))
        throw invalid(pattern, 'a "{" before each "}" and commas only within');
      const results: string[] = [];
      for (const option of options) {
        for (const rest of alternatives(option + tail)) {
          results.push(head + rest);
          if (results.length > 1024) throw invalid(pattern, 'at most 1024 alternatives');
        }
      }
      return [...new Set(results)];
    }
  }
  throw invalid(pattern, 'a "}" for each "{"');
}

function invalid(pattern: string, expected: string, all: readonly string[] = [pattern]): HappenError {
  const whole = all.length > 1 ? ` (one of the alternatives written out)` : '';
  return new HappenError(
    'HAPPEN_INVALID_PATTERN',
    `The pattern ${JSON.stringify(pattern)}${whole} is not valid: expected ${expected}.`,
    {
      details: { pattern },
    },
  );
}
