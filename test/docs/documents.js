import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the workspace. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** The documents whose snippets and paths are held true here; a package's own README is held by the package. */
export function documents() {
  const docs = ['docs', 'docs/guide'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  );
  return ['README.md', 'CONTRIBUTING.md', ...docs].map((path) => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  }));
}

/** What the headings of a document can be reached by. */
export function anchorsOf(text) {
  const headings = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_\- ]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** The fenced TypeScript of a document: the code, the line it begins in, and what it says it prints (`// → …`). */
export function snippetsOf({ path, text }) {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match, index) => {
    const code = match[1];
    const name = `${path.replace(/\W+/g, '-').replace(/-md$/, '').toLowerCase()}-${index + 1}`;
    const prints = [...code.matchAll(/^\/\/ → (.*)$/gm)].map(([, line]) => line);
    return { name, path, line: text.slice(0, match.index).split('\n').length + 1, code, prints };
  });
}
