/** The public names of every published package, as kept in `api/`: what changes them shows in a review. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { publishedPackages } from '../../scripts/workspace.mjs';
import { apiReport, declarationsOf, keptReports } from '../package-checks/api-report.js';

describe.each(publishedPackages())('the public API of $name', (subject) => {
  const entries = declarationsOf(subject);

  test('has a report for each entry, and no other', () => {
    const expected = entries.map((entry) =>
      entry.replace(/^\.\/dist\/(.*)\.d\.ts$/, (_, stem) => stem.replace('/', '-')),
    );
    expect(keptReports(subject).sort(), 'to bring the reports up to date: npm run api').toEqual(
      expected.map((stem) => join('api', `${stem}.api.md`)).sort(),
    );
  });

  test.each(entries)('is as its report says, and can be named and read about: %s', (entry) => {
    if (!existsSync(join(subject.folder, entry))) throw new Error('Build first: npm run build');
    const { path, text, notExported, undocumented } = apiReport(subject, entry);
    expect(notExported, 'types that the API mentions and nobody can import').toEqual([]);
    expect(undocumented, 'exported names without a docstring').toEqual([]);
    const kept = existsSync(join(subject.folder, path)) ? readFileSync(join(subject.folder, path), 'utf8') : '';
    expect(text, 'if the change is meant, npm run api writes it down').toBe(kept);
  });
});

describe('a report', () => {
  const folder = mkdtempSync(join(tmpdir(), 'happen-api-sample-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Reports on a package with these declarations. */
  function reportOn(declarations: string) {
    mkdirSync(join(folder, 'dist'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "name": "sample", "version": "1.0.0" }');
    writeFileSync(join(folder, 'dist/index.d.ts'), declarations);
    return apiReport({ folder }, './dist/index.d.ts');
  }

  test('names a type that is mentioned and not exported', () => {
    const { notExported } = reportOn(`
      interface Lamp { readonly watts: number }
      /** Makes one. */
      declare function lamp(): Lamp;
      export { lamp };`);
    expect(notExported).toEqual(['Lamp']);
  });

  test('lets a generic alias pass that only works a type out, and nothing else that calls itself internal', () => {
    const { notExported } = reportOn(`
      /** @internal */
      type First<T> = T extends readonly [infer F, ...unknown[]] ? F : never;
      /** @internal */
      interface Lamp { readonly watts: number }
      /** Makes the first. */
      declare function first<T>(all: T): First<T> | Lamp;
      export { first };`);
    expect(notExported).toEqual(['Lamp']);
  });

  test('names an export without a docstring', () => {
    const { undocumented } = reportOn(`
      /** Says how bright. */
      interface Lamp { readonly watts: number }
      declare function lamp(): Lamp;
      export { lamp, type Lamp };`);
    expect(undocumented).toEqual(['lamp']);
  });

  test('changes with the API, and not with the order of its declarations', () => {
    const lamp = '/** A lamp. */\nexport interface Lamp { readonly watts: number }\n';
    const desk = '/** A desk. */\nexport interface Desk { readonly legs: number }\n';
    const { text } = reportOn(lamp + desk);
    expect(reportOn(desk + lamp).text).toBe(text);
    expect(reportOn(desk + lamp.replace('number', 'string')).text).not.toBe(text);
  });

  test('covers every entry that a manifest names, whatever its conditions', () => {
    const exports = {
      '.': { source: './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
      './more': { node: { types: './dist/more/node.d.ts', default: './dist/more/node.js' }, default: './dist/more.js' },
      './package.json': './package.json',
    };
    expect(declarationsOf({ manifest: { exports } })).toEqual(['./dist/index.d.ts', './dist/more/node.d.ts']);
  });
});
