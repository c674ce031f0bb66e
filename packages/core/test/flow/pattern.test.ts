import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../src/flow/pattern.js';

function matches(pattern: string | ((type: string) => boolean), type: string): boolean {
  return compilePattern(pattern).matches(type);
}

function refusal(pattern: unknown): string {
  try {
    compilePattern(pattern);
  } catch (error) {
    expect(error).toMatchObject({ name: 'HappenError', code: 'HAPPEN_INVALID_PATTERN' });
    return (error as Error).message;
  }
  throw new Error(`${String(pattern)} was taken`);
}

describe('a string pattern', () => {
  it.each([
    // exact
    ['order.submitted', 'order.submitted', true],
    ['order.submitted', 'order.submitted.late', false],
    ['order.submitted', 'order', false],
    ['order.submitted', 'orderXsubmitted', false],
    ['order', 'order', true],
    // one segment
    ['order.*', 'order.submitted', true],
    ['order.*', 'order.line.added', false],
    ['order.*', 'order', false],
    ['*', 'order', true],
    ['*', 'order.submitted', false],
    ['*.*', 'order.submitted', true],
    ['user.*.completed', 'user.profile.completed', true],
    ['user.*.completed', 'user.profile.address.completed', false],
    ['user.*.completed', 'user.completed', false],
    ['*.error', 'payment.error', true],
    ['*.error', 'payment.card.error', false],
    // any number of segments
    ['**', 'order', true],
    ['**', 'order.line.added', true],
    ['order.**', 'order', true],
    ['order.**', 'order.submitted', true],
    ['order.**', 'order.line.item.added', true],
    ['order.**', 'orders.submitted', false],
    ['**.error', 'error', true],
    ['**.error', 'payment.card.error', true],
    ['**.error', 'payment.error.late', false],
    ['a.**.z', 'a.z', true],
    ['a.**.z', 'a.b.c.z', true],
    ['a.**.z', 'a.b.c', false],
    ['a.**.m.**.z', 'a.m.b.z.m.z', true],
    ['*.**', 'a', true],
    ['**.*', 'a.b', true],
    // alternatives
    ['order.{submitted,shipped}', 'order.submitted', true],
    ['order.{submitted,shipped}', 'order.shipped', true],
    ['order.{submitted,shipped}', 'order.paid', false],
    ['{order,user}.{created,deleted}', 'user.created', true],
    ['{order,user}.{created,deleted}', 'user.updated', false],
    ['{order.*,user.created}', 'order.anything', true],
    ['{order.*,user.created}', 'user.deleted', false],
    ['a.{b,c.{d,e}}', 'a.c.e', true],
    ['a.{b,c.{d,e}}', 'a.b', true],
    ['a.{b,c.{d,e}}', 'a.c', false],
    ['{{a,b},{c,{d,e}}}', 'd', true],
    ['order{,.late}', 'order', true],
    ['order{,.late}', 'order.late', true],
    ['order-{a,b}s', 'order-bs', true],
    ['{only}', 'only', true],
    // characters that mean something elsewhere
    ['price+tax', 'price+tax', true],
    ['(a|b).*', '(a|b).c', true],
    ['(a|b).*', 'a.c', false],
    ['a?.*', 'a?.x', true],
    ['a?.*', 'a.x', false],
    ['[ab].*', 'a.x', false],
    ['order.*', 'Order.submitted', false],
    ['größe.*', 'größe.geändert', true],
    // a type may have an empty segment, so a pattern may
    ['order..*', 'order..late', true],
    ['order..*', 'order.late', false],
    ['order..*', 'order...late', false],
    ['order.*.late', 'order..late', true],
    ['.*', '.order', true],
    ['.*', 'order', false],
    ['*.', 'order.', true],
    ['order.{a,}', 'order.', true],
    ['order.{a,}', 'order', false],
    ['**.', 'order.line.', true],
    ['order..**', 'order.', true],
  ])('%s and the type %s: %s', (pattern, type, expected) => {
    expect(matches(pattern, type)).toBe(expected);
  });

  it.each([
    ['', 'at least one character'],
    ['{,order}', 'at least one character'],
    ['order.{}', 'something between "{" and "}"'],
    ['order{a,{}}', 'something between "{" and "}"'],
    ['order.sub*', 'whole segments'],
    ['*order', 'whole segments'],
    ['order.***', 'whole segments'],
    ['order.{a,b*}', 'whole segments'],
    ['order.{a,b', '"}" for each "{"'],
    ['order.{a,{b}', '"}" for each "{"'],
    ['order.a}', '"{" before each "}"'],
    ['order.{a}}', '"{" before each "}"'],
    ['}{', '"{" before each "}"'],
    ['order,user', 'commas only'],
    ['order,{a,b}', 'commas only'],
    ['{a,b},c', 'commas only'],
    [undefined, 'a string or a function'],
    [null, 'a string or a function'],
    [42, 'a string or a function'],
    [/order/, 'a string or a function'],
    [{}, 'a string or a function'],
    [Object.create(null), 'a string or a function'],
  ])('%j is refused, saying what was expected', (pattern, expected) => {
    expect(refusal(pattern)).toContain(expected);
  });

  it('is as long as a type may be, and no longer', () => {
    expect(matches('x'.repeat(512), 'x'.repeat(512))).toBe(true);
    expect(refusal('x'.repeat(513))).toContain('at most 512 characters');
  });

  it('is named as a whole when a part of it is wrong', () => {
    expect(refusal('a.{b,c},d')).toContain('"a.{b,c},d"');
    expect(refusal('a.{b,c.{d*,e}}')).toContain('"a.{b,c.{d*,e}}"');
  });
});

describe('a function as a pattern', () => {
  it('matches by whether its answer is truthy', () => {
    expect(matches((type) => type.endsWith('.error'), 'a.error')).toBe(true);
    expect(matches((type) => type.endsWith('.error'), 'a.ok')).toBe(false);
    expect(matches((() => 'yes') as never, 'a')).toBe(true);
    expect(matches((() => undefined) as never, 'a')).toBe(false);
  });
});

describe("the framework's own events", () => {
  it('are seen through a string that begins with node. or system., and through nothing else', () => {
    const sees = (pattern: unknown): boolean => compilePattern(pattern).system;
    for (const pattern of ['node.error', 'node.*', 'system.**', 'node.{error,unhandled}'])
      expect(sees(pattern)).toBe(true);
    for (const pattern of ['*', '**', '*.error', '{node.error,a}', 'nodes.*', 'node', 'systems', () => true]) {
      expect(sees(pattern)).toBe(false);
    }
  });
});

describe('what is asked of a transport', () => {
  it('lets through whatever the pattern lets through', () => {
    expect(compilePattern('order.submitted').interests).toEqual(['order.submitted']);
    expect(compilePattern('order.*').interests).toEqual(['order.*']);
    expect(compilePattern('{a,b}.{c,**}').interests).toEqual(['a.c', 'a.**', 'b.c', 'b.**']);
    expect(compilePattern(() => false).interests).toEqual(['**']);
    const many = `{${Array.from({ length: 33 }, (_, i) => `t${i}`).join()}}`;
    expect(compilePattern(many).interests).toEqual(['**']);
    expect(matches(many, 't32')).toBe(true);
  });
});

/** A pattern as a tree, written in both languages: ours, and that of regular expressions, where every segment ends in a dot. */
interface Both {
  readonly pattern: string;
  readonly regex: string;
  /** How many alternatives it writes out to at most. */
  readonly count: number;
}

const segment: fc.Arbitrary<Both> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('a', 'b', 'ab', 'x+')
      .map((text) => ({ pattern: text, regex: `${text.replace('+', '\\+')}\\.`, count: 1 })),
  },
  { weight: 2, arbitrary: fc.constant({ pattern: '*', regex: '[^.]*\\.', count: 1 }) },
  { weight: 2, arbitrary: fc.constant({ pattern: '**', regex: '(?:[^.]*\\.)*', count: 1 }) },
);

const { segments } = fc.letrec<{ segments: Both; part: Both; group: Both }>((tie) => ({
  segments: fc.array(tie('part'), { minLength: 1, maxLength: 4 }).map(joined),
  part: fc.oneof({ maxDepth: 2 }, segment, tie('group')),
  group: fc.array(tie('segments'), { minLength: 1, maxLength: 3 }).map((options) => ({
    pattern: `{${options.map((option) => option.pattern).join()}}`,
    regex: `(?:${options.map((option) => option.regex).join('|')})`,
    count: options.reduce((sum, option) => sum + option.count, 0),
  })),
}));

function joined(parts: readonly Both[]): Both {
  return {
    pattern: parts.map((part) => part.pattern).join('.'),
    regex: parts.map((part) => part.regex).join(''),
    count: parts.reduce((product, part) => product * part.count, 1),
  };
}

describe('any pattern', () => {
  it('matches just what a plainly written regular expression matches', () => {
    const types = fc.array(
      fc
        .array(fc.constantFrom('a', 'b', 'ab', 'x+', 'xx', ''), { minLength: 1, maxLength: 5 })
        .map((parts) => parts.join('.')),
      { minLength: 1, maxLength: 8 },
    );
    let hits = 0;
    fc.assert(
      fc.property(segments, types, ({ pattern, regex, count }, candidates) => {
        fc.pre(pattern.length <= 512 && count <= 1024);
        const { matches: test } = compilePattern(pattern);
        const reference = new RegExp(`^${regex}$`);
        for (const type of candidates) {
          const expected = reference.test(`${type}.`);
          expect({ pattern, type, matches: test(type) }).toEqual({ pattern, type, matches: expected });
          if (expected) hits++;
        }
      }),
      { numRuns: 500 },
    );
    expect(hits).toBeGreaterThan(50);
  });
});

describe('a pattern made to be slow', () => {
  /** What grows exponentially with the length would not end within a lifetime. */
  const quickly = <T>(run: () => T): T => {
    const before = performance.now();
    const result = run();
    expect(performance.now() - before).toBeLessThan(2000);
    return result;
  };

  it('is matched in time that grows with the lengths alone', () => {
    const manyStars = `${'**.a.'.repeat(100)}z`;
    const { matches: test } = compilePattern(manyStars);
    const near = `${'a.'.repeat(250)}b`;
    quickly(() => {
      for (let i = 0; i < 1000; i++) expect(test(near)).toBe(false);
    });
    expect(test(`${'a.'.repeat(250)}z`)).toBe(true);
  });

  it('is compiled in time that grows with what it writes out', () => {
    expect(quickly(() => compilePattern('{a,a}'.repeat(102)).interests)).toEqual(['a'.repeat(102)]);
    expect(quickly(() => matches('{a,aa}'.repeat(85), 'a'.repeat(100)))).toBe(true);
    expect(quickly(() => matches(`${'{'.repeat(255)}a${'}'.repeat(255)}`, 'a'))).toBe(true);
    expect(quickly(() => refusal('{a,b}'.repeat(102)))).toContain('1024 alternatives');
    expect(quickly(() => refusal(`${'{a,'.repeat(127)}${'}'.repeat(127)}{`))).toContain('"}" for each "{"');
  });
});
