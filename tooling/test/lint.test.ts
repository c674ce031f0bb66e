/** The lint rules that this code base leans on, each shown to catch what it is there for. */
import { ESLint, type Linter } from 'eslint';
import { join } from 'node:path';
import tseslint from 'typescript-eslint';
import { describe, expect, test } from 'vitest';
import { root } from '../../scripts/workspace.mjs';

const fixtures = join(import.meta.dirname, 'fixtures/lint');

/** Rule and line of everything found in a fixture, which is linted as any file of the workspace is. */
async function findingsIn(fixture: string): Promise<string[]> {
  const eslint = new ESLint({ cwd: root, ignore: false });
  const [result] = await eslint.lintFiles([join(fixtures, fixture)]);
  return findings(result?.messages ?? []);
}

/** The same for a text, as if it stood in `path`; without types, since no such file exists. */
async function findingsAt(path: string, text: string): Promise<string[]> {
  const withoutTypes = { files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked } as Linter.Config;
  const eslint = new ESLint({ cwd: root, overrideConfig: [withoutTypes] });
  const [result] = await eslint.lintText(text, { filePath: join(root, path) });
  return findings(result?.messages ?? []);
}

function findings(messages: readonly Linter.LintMessage[]): string[] {
  return messages.map(({ ruleId, line, severity, message }) => {
    expect(severity, message).toBe(2);
    return `${line}: ${ruleId ?? message}`;
  });
}

describe('promises', () => {
  test('left floating are errors', async () => {
    const rule = '@typescript-eslint/no-floating-promises';
    expect(await findingsIn('floating-promise.ts')).toEqual([`6: ${rule}`, `7: ${rule}`, `8: ${rule}`, `9: ${rule}`]);
  });

  test('given where nobody looks at them are errors', async () => {
    expect(await findingsIn('misused-promise.ts')).toEqual(['2: @typescript-eslint/no-misused-promises']);
  });

  test('may float when they are only handles that can be awaited', async () => {
    expect(await findingsIn('floating-handle.ts')).toEqual([]);
  });
});

describe('core', () => {
  const inCore = 'packages/core/src/imagined/thing.ts';

  test.each([
    ['the wall clock', 'export const at = Date.now();'],
    ['the wall clock, taken apart', 'export const { now } = Date;'],
    ['the wall clock as a date', 'export const at = new Date();'],
    ['the wall clock as text', 'export const at = Date();'],
    ['a performance clock', 'export const at = performance.now();'],
    ['chance', 'export const draw = Math.random();'],
    ["the runtime's crypto", 'export const id = crypto.randomUUID();'],
    ['a timer', 'setTimeout(() => {}, 1);'],
    ['a repeating timer', 'setInterval(() => {}, 1);'],
    ['an immediate', 'setImmediate(() => {});'],
    ['a timer of the global object', 'globalThis.setTimeout(() => {}, 1);'],
    [
      'a timer it declares itself',
      'declare const setTimeout: (run: () => void) => void;\nexport const timer = setTimeout;',
    ],
    ['the console', "console.log('here');"],
    ['the process', 'export const development = process.env.NODE_ENV;'],
    ['a Buffer', 'export const bytes = Buffer.alloc(1);'],
    ['a built-in module', "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;"],
    ['a built-in module by its old name', "import { readFileSync } from 'fs';\nexport const read = readFileSync;"],
    ['a built-in module later on', "export const later = () => import('node:fs');"],
    ['a default export', 'export default 1;'],
    ['a list of exports it did not write', "export * from './other.js';"],
  ])('may not use %s', async (_, text) => {
    expect(await findingsAt(inCore, `${text}\n`)).toHaveLength(1);
  });

  test.each([
    ['microtasks', 'queueMicrotask(() => {});'],
    ['dates of its own', 'export const at = new Date(0);'],
    ['arithmetic', 'export const most = Math.max(1, 2);'],
    ['things that are merely called so', 'export const read = (host: { process: number }) => host.process;'],
  ])('may use %s', async (_, text) => {
    expect(await findingsAt(inCore, `${text}\n`)).toEqual([]);
  });

  test('may use the runtime behind #host alone', async () => {
    const text =
      "import { randomBytes } from 'node:crypto';\nexport const now = () => [Date.now(), randomBytes(1), process];\n";
    expect(await findingsAt('packages/core/src/host/node.ts', text)).toEqual([]);
    expect(await findingsAt(inCore, text)).toHaveLength(3);
  });
});

test.each(['only', 'skip', 'todo'])('no test is marked with %s', async (mark) => {
  const text = `import { test } from 'vitest';\ntest.${mark}('later', () => {});\n`;
  expect(await findingsAt('packages/core/test/imagined.test.ts', text)).toEqual(['2: no-restricted-syntax']);
});
