/** The API reference, made as `npm run docs` makes it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publishedPackages } from '../../scripts/workspace.mjs';
import { keptReports } from '../package-checks/api-report.js';
import { publicEntries, writeReference } from '../reference/reference.js';

describe('the API reference', () => {
  const folder = mkdtempSync(join(tmpdir(), 'happen-reference-'));
  let complaints: readonly string[];
  let pages: ReadonlyMap<string, string>;

  beforeAll(async () => {
    complaints = await writeReference(folder);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
    pages = new Map(files.map((file) => [join(folder, file), readFileSync(join(folder, file), 'utf8')]));
  }, 180_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('has a docstring for every public name, and no reference to what is not in it', () => {
    expect(complaints).toEqual([]);
  });

  test('has a page for each entry that users can import', () => {
    const expected = publicEntries().map(({ name }) => join(folder, `${name}.md`));
    expect(expected.length).toBeGreaterThan(2);
    expect([...pages.keys()].sort()).toEqual([...expected, join(folder, 'README.md')].sort());
  });

  test('has all the names that the API reports list', () => {
    const described = new Set(
      [...pages.values()].flatMap((text) => [...text.matchAll(/^### ~?~?(\w+)/gm)].map(([, name]) => name)),
    );
    const exported = publishedPackages().flatMap((subject) =>
      keptReports(subject).flatMap((report) =>
        [...readFileSync(join(subject.folder, report), 'utf8').matchAll(/^export (?:abstract )?\w+ (\w+)/gm)].map(
          ([, name]) => name,
        ),
      ),
    );
    expect(exported.length).toBeGreaterThan(80);
    expect(exported.filter((name) => !described.has(name))).toEqual([]);
  });

  test('has no link that leads nowhere', () => {
    const broken: string[] = [];
    for (const [path, text] of pages) {
      for (const [, link = ''] of prose(text).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? path : join(dirname(path), decodeURIComponent(file));
        const there = anchor === undefined ? existsSync(target) : anchorsOf(pages.get(target) ?? '').has(anchor);
        if (!there) broken.push(`${path.slice(folder.length)}: ${link}`);
      }
    }
    expect(broken).toEqual([]);
  });
});

/** A page without its code. */
function prose(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '');
}

/** What links can lead to on a page. */
function anchorsOf(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id));
}
