import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CodeBlock, extractBlocks } from './extract-blocks.js';
import entries from './manifest.json' with { type: 'json' };
import { faultsOf, type ManifestEntry } from './manifest-entry.js';

const manifest: readonly ManifestEntry[] = entries;
const repository = new URL('../../', import.meta.url);
/** The documents lie beside the repository, where there are any: a clone elsewhere checks the manifest by itself. */
const documents = new URL('../shared/seeds/', repository);

describe('The manifest of the guide', () => {
  it('lists every code block of every document, as it stands there, and no other', () => {
    const listed = manifest.map(described);
    if (!existsSync(documents)) {
      expect(process.env.CI, 'the documents have to be there in CI').toBeFalsy();
      expect(misnumbered(manifest)).toEqual([]);
      return;
    }
    const blocks = blocksOf(documents);
    const found = blocks.map(described);

    expect(blocks.length).toBeGreaterThan(0);
    expect({
      notListed: found.filter((block) => !listed.includes(block)),
      notThere: listed.filter((entry) => !found.includes(entry)),
    }).toEqual({ notListed: [], notThere: [] });
    expect(listed).toEqual(found);
  });

  it('names only tests that exist', () => {
    const titles = new Map<string, readonly string[]>();
    const missing = manifest.flatMap((entry) =>
      (entry.tests ?? []).filter((test) => {
        const [path = '', title = ''] = splitOnce(test);
        if (!titles.has(path)) titles.set(path, titlesIn(new URL(path, repository)));
        return titles.get(path)?.filter((other) => other === title).length !== 1;
      }),
    );

    expect(missing).toEqual([]);
  });

  it('has a test or a valid reason in every row', () => {
    expect(manifest.flatMap(faultsOf)).toEqual([]);
  });

  it('says how far the guide is covered', () => {
    const covered = manifest.filter(({ tests, pending }) => tests !== undefined && pending === undefined);
    const partly = manifest.filter(({ tests, pending }) => tests !== undefined && pending !== undefined);
    const later = manifest.filter(({ tests, pending }) => tests === undefined && pending !== undefined);
    const notCode = manifest.filter((entry) => entry.notCode !== undefined);
    console.info(
      `The guide has ${manifest.length} code blocks: ${covered.length} run, ${partly.length} run in the part that is due, ` +
        `${later.length} wait for later requirements, ${notCode.length} are no code.`,
    );

    expect(covered.length + partly.length + later.length + notCode.length).toBe(manifest.length);
  });

  it.each<[string, Partial<ManifestEntry>, string]>([
    ['no test for what is due', { requirement: ['FLOW-2'] }, 'has no test'],
    ['a reason for what is due', { requirement: ['FLOW-2'], pending: 'FLOW-2 brings it' }, 'waits for FLOW-2'],
    ['an unknown requirement', { requirement: ['FLOW-99'], tests: ['a#b'] }, 'unknown requirement FLOW-99'],
    ['a reason without a requirement', { requirement: ['STATE-1'], pending: 'some day' }, 'without naming'],
    ['a reason that is not its own', { requirement: ['STATE-1'], pending: 'ZERO-1 brings it' }, 'waits for ZERO-1'],
    ['no test for the part that is due', { requirement: ['NATS-5/reconnecting', 'NATS-5/regions'] }, 'has no test'],
    [
      'a reason for the part that is due',
      { requirement: ['NATS-5/reconnecting'], pending: 'NATS-5/reconnecting' },
      'waits',
    ],
    ['a whole that has parts', { requirement: ['NATS-5'], tests: ['a#b'] }, 'unknown requirement NATS-5'],
    ['neither test nor reason', { requirement: ['STATE-1'] }, 'neither a test nor a reason'],
    ['no requirement', { tests: ['a#b'] }, 'names no requirement'],
    ['two minds', { notCode: 'a sample', pending: 'STATE-1 brings it' }, 'is not code, and yet'],
  ])('finds fault with a row that has %s', (_name, row, fault) => {
    const entry = { seed: '001', block: 1, lines: '1-2', digest: '', heading: '', shape: 'something', ...row };

    expect(faultsOf(entry).join('\n')).toContain(fault);
  });
});

function blocksOf(folder: URL): CodeBlock[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .flatMap((name) => extractBlocks(name.slice(0, 3), readFileSync(new URL(name, folder), 'utf8')));
}

function described({ seed, block, lines, digest, heading }: ManifestEntry | CodeBlock): string {
  return `${seed}#${block} lines ${lines} "${heading}" ${digest}`;
}

/** The rows whose numbers don't go on from the row before. */
function misnumbered(rows: readonly ManifestEntry[]): readonly string[] {
  return rows
    .filter(({ seed, block }, index) => {
      const before = rows[index - 1];
      return block !== (before?.seed === seed ? before.block + 1 : 1);
    })
    .map(described);
}

function splitOnce(test: string): [path: string, title: string] {
  const at = test.indexOf('#');
  return [test.slice(0, at), test.slice(at + 1)];
}

/** The titles of the tests in a file, as they are written there. */
function titlesIn(file: URL): string[] {
  if (!existsSync(file)) return [];
  const calls = /\b(?:it|test)(?:\.each(?:<[^(]*>)?\([^]*?\]\))?\(\s*(?:'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)")/g;
  return [...readFileSync(file, 'utf8').matchAll(calls)].map(([, single, double]) =>
    (single ?? double ?? '').replaceAll("\\'", "'").replaceAll('\\"', '"'),
  );
}
