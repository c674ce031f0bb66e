import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { errorCodes, initializeHappen, isHappenError } from '../../src/index.js';
import { allCodes, provocations, provoke } from './provoked.js';

const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');

/** The rows of the table: code, transient. */
const rows = [...page.matchAll(/^\| \[`(HAPPEN_\w+)`\]\(#(\w+)\) \| (yes|no) \| .+ \|$/gm)].map(
  ([, code, anchor, transient]) => ({ code, anchor, transient }),
);

/** The sections by code: what they say, and the keys of details that they name. */
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const code = /^`(HAPPEN_\w+)`\n/.exec(section)?.[1] ?? section.slice(0, 20);
      const details = /^- \*\*Details:\*\* ([\s\S]*?)\n(?=\n|- |$)/m.exec(section)?.[1] ?? '';
      return [code, { section, details }] as const;
    }),
);

/** Words in code font that are values of a key, not keys. */
const values = new Set(['bytes', 'items', 'memoryHub', 'send', 'broadcast', 'close', 'on', 'cause']);
const keysOf = (details: string, among: ReadonlySet<string>): Set<string> =>
  new Set(
    [...details.matchAll(/`(\w+)`/g)]
      .map(([, word]) => word as string)
      .filter((word) => among.has(word) || !values.has(word)),
  );

describe('the page of errors', () => {
  it('lists just the codes of the table, in its order, and whether they are transient', () => {
    expect(rows.map(({ code }) => code)).toEqual(allCodes);
    for (const { code, anchor, transient } of rows) {
      expect(anchor).toBe(code?.toLowerCase());
      expect([code, transient]).toEqual([code, errorCodes[code as keyof typeof errorCodes].transient ? 'yes' : 'no']);
    }
  });

  it('has a section for each of them, which says what happened, what to do, and what the details hold', () => {
    expect([...sections.keys()]).toEqual(allCodes);
    for (const [code, { section, details }] of sections) {
      const [, happened = ''] = section.split('\n\n');
      expect([code, happened.length > 40]).toEqual([code, true]);
      expect([code, /^- \*\*Do:\*\* \S/m.test(section)]).toEqual([code, true]);
      expect([code, details !== '']).toEqual([code, true]);
    }
  });

  it('has an example that does what it says', async () => {
    const [code = ''] = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text]) => text);
    const log = vi.fn();
    const run = new Function(
      'initializeHappen',
      'isHappenError',
      'console',
      `return (async () => {${code.replace(/^import .*$/m, '')}})()`,
    ) as (...given: unknown[]) => Promise<void>;
    await run(initializeHappen, isHappenError, { log });
    const promised = [...code.matchAll(/^\/\/ → (.*)$/gm)].map(([, line]) => line);
    expect(promised).toEqual(["try again later: { node: 'warehouse' }"]);
    expect(log.mock.calls).toEqual([['try again later:', { node: 'warehouse' }]]);
  });
});

describe('each code', () => {
  it.each(allCodes.map((code) => [code] as const))('%s is thrown as the page says', async (code) => {
    const { details, section } = sections.get(code) as { details: string; section: string };
    const ways = provocations[code];
    if (ways.length === 0) {
      expect(section).toMatch(/\n\nReserved: /);
      return;
    }
    const found = new Set<string>();
    for (const way of ways) {
      const error = await provoke(code, way);
      expect(error.transient).toBe(errorCodes[code].transient);
      expect(error.message.length).toBeGreaterThan(20);
      for (const key of Object.keys(error.details)) found.add(key);
    }
    expect(found).toEqual(keysOf(details, found));
    if (found.size === 0) expect(details).toMatch(/^none/);
  });

  it('is named somewhere in the sources, unless it is reserved', () => {
    const root = new URL('../../src/', import.meta.url);
    const sources = (readdirSync(root, { recursive: true }) as string[])
      .filter((name) => name.endsWith('.ts') && !name.endsWith('error-codes.ts'))
      .map((name) => readFileSync(new URL(name, root), 'utf8'))
      .join('\n');
    const reserved = allCodes.filter((code) => provocations[code].length === 0);
    expect(allCodes.filter((code) => !sources.includes(`'${code}'`))).toEqual(reserved);
  });
});
