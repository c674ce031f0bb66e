/** docs/configuration.md, held against what the checks of a config take. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { initializeHappen } from '../../src/index.js';

const page = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');

/** The text between a heading and the next of its rank. */
function section(heading: string): string {
  const begin = page.indexOf(`\n## ${heading}`);
  if (begin < 0) throw new Error(`There is no heading "${heading}".`);
  const end = page.indexOf('\n## ', begin + 1);
  return page.slice(begin, end < 0 ? undefined : end);
}

/** The keys in the first columns of tables headed "key", or "key of `…`", which stands before them. */
function keysOnPage(text: string): string[] {
  return [...text.matchAll(/^\| key(?: of `([\w.]+)`)? \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)/gm)].flatMap(
    ([, of, rows = '']) =>
      [...rows.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) =>
        [...cell.matchAll(/`([\w.]+)`/g)].map(([, key]) => (of === undefined ? `${key}` : `${of}.${key}`)),
      ),
  );
}

type Take = (config: object) => unknown;

/** The keys below a path, as the refusal of an unknown one lists them; `undefined` where it is no group of keys. */
function keysTaken(take: Take, path: readonly string[]): readonly string[] | undefined {
  const unknown = 'no such key';
  const config = [...path, unknown].reduceRight<unknown>((value, key) => ({ [key]: value }), 1) as object;
  try {
    take(config);
  } catch (error) {
    const { message, details } = error as { message: string; details: { path: string } };
    if (details.path !== [...path, unknown].join('.')) return undefined;
    return (/expected one of (.*)\.$/.exec(message)?.[1] ?? '').split(', ');
  }
  throw new Error(`${JSON.stringify(config)} was taken`);
}

/** All keys, and among them those that are groups of others. */
function allTaken(take: Take, path: readonly string[] = []): { readonly keys: string[]; readonly groups: string[] } {
  const found = { keys: [] as string[], groups: [] as string[] };
  for (const key of keysTaken(take, path) ?? []) {
    const below = [...path, key];
    if (keysTaken(take, below) === undefined) {
      found.keys.push(below.join('.'));
      continue;
    }
    found.groups.push(below.join('.'));
    const { keys, groups } = allTaken(take, below);
    found.keys.push(...keys);
    found.groups.push(...groups);
  }
  return found;
}

const sorted = (keys: Iterable<string>): string[] => [...new Set(keys)].sort();

describe('docs/configuration.md', () => {
  it('lists every key of a space’s config, and no other', () => {
    const { keys, groups } = allTaken((config) => initializeHappen(config));
    const listed = keysOnPage(section('A space') + section('Security'));
    expect(keys.length).toBeGreaterThan(20);
    expect(sorted(listed.filter((key) => !groups.includes(key)))).toEqual(sorted(keys));
  });

  it('lists every option of a node, and no other', async () => {
    const { createNode, close } = initializeHappen();
    const { keys, groups } = allTaken((options) => createNode('node', options));
    const topLevel = [...keys.filter((key) => !key.includes('.')), ...groups];
    expect(sorted(keysOnPage(section('A node')))).toEqual(sorted(topLevel));
    await close();
  });
});
