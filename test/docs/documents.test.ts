import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { anchorsOf, documents, root } from './documents.js';
import { writeSnippets } from './write-snippets.js';

const snippets = writeSnippets();

/** What a reader is told to write, or to have written. */
const madeByReaders = new Set(['apps/order-processing/src/first.ts', 'docs/reference/']);

describe('The snippets of the documents', () => {
  it('are found', () => {
    expect(snippets.filter(({ path }) => path === 'README.md').length).toBeGreaterThan(4);
  });

  for (const { path, line, file, prints } of snippets) {
    it(`do what they say: ${path}, line ${line}`, async () => {
      const printed: string[] = [];
      const log = vi
        .spyOn(console, 'log')
        .mockImplementation((...parts: unknown[]) => void printed.push(format(...parts)));
      try {
        await import(file);
      } finally {
        log.mockRestore();
      }
      expect(printed.join('\n').split('\n')).toEqual(prints.length === 0 ? [''] : prints);
    });
  }
});

describe('The headings that the documents link to', () => {
  const anchors = new Map(documents().map(({ path, text }) => [path, anchorsOf(text)]));
  for (const { path, text } of documents()) {
    it(`exist: ${path}`, () => {
      const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)];
      const missing = links.filter(([, file, anchor]) => {
        const target = file === '' ? path : join(dirname(path), file as string);
        return !anchors.get(target)?.has(anchor as string);
      });
      expect(missing.map(([link]) => link)).toEqual([]);
    });
  }
});

describe('The paths that the documents name', () => {
  for (const { path, text } of documents()) {
    it(`exist: ${path}`, () => {
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link]) =>
        join(dirname(path), link as string),
      );
      const named = [...text.matchAll(/`((?:apps|packages|docs|test|tooling|scripts)\/[\w./-]+)`/g)].map(
        ([, name]) => name as string,
      );
      const missing = [...links, ...named].filter((name) => !existsSync(join(root, name)));
      expect(missing.filter((name) => !madeByReaders.has(name))).toEqual([]);
    });
  }
});
