import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { transportClauses } from '../../src/index.js';

const packageFolder = join(import.meta.dirname, '../..');
const readme = readFileSync(join(packageFolder, 'README.md'), 'utf8');
/** Each block of code, with the file it is an exact copy of: the compiler checks all of them, and the runner runs the tests. */
const blocks = [...readme.matchAll(/(?:<!-- (?<file>\S+) -->\n)?```ts\n(?<code>[\s\S]*?)```/g)].map(({ groups }) => ({
  file: groups?.['file'],
  code: groups?.['code'],
}));

describe('the README', () => {
  it('shows code of files that are compiled and run', () => {
    expect(blocks.length).toBeGreaterThan(0);
    for (const { file, code } of blocks) {
      expect(file, `a block without a file: ${code}`).toBeDefined();
      expect(code).toBe(readFileSync(join(packageFolder, file as string), 'utf8'));
    }
  });

  it('shows every example there is', () => {
    const examples = readdirSync(import.meta.dirname).filter(
      (file) => !['readme.test.ts', 'my-driver.ts', 'my-counter.ts'].includes(file),
    );
    expect(blocks.map(({ file }) => file).sort()).toEqual(examples.map((file) => `test/readme/${file}`).sort());
  });

  it('counts the clauses as they are', () => {
    expect(readme).toContain('nearly eighty clauses');
    expect(Math.round(Object.keys(transportClauses).length / 10) * 10).toBe(80);
  });

  it('links to what is there', () => {
    for (const [, target] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(existsSync(join(packageFolder, target as string)), target).toBe(true);
    }
  });
});
