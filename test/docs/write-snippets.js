import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { documents, root, snippetsOf } from './documents.js';

const folder = join(root, 'test/docs/snippets');

/** Writes each snippet into a file of its own, so that the type checker and the tests read the very same text. */
export function writeSnippets() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return documents()
    .flatMap(snippetsOf)
    .map((snippet) => {
      const file = join(folder, `${snippet.name}.ts`);
      writeFileSync(file, `${snippet.code}\nexport {};\n`);
      return { ...snippet, file };
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeSnippets();
