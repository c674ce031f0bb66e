import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What a page gets: one file for each entry, with what it imports as it was published, and nothing in place of Node's own. */
export async function bundle(): Promise<ReadonlyMap<string, string>> {
  const source = (name: string): string => fileURLToPath(new URL(`../src/${name}`, import.meta.url));
  const { outputFiles } = await build({
    entryPoints: { page: source('page.ts'), worker: source('web-worker.ts') },
    outdir: '/',
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  });
  return new Map(outputFiles.map(({ path, text }) => [path.replaceAll('\\', '/').replace(/^.*\//, '/'), text]));
}

/** The program for runtimes with worker threads, in one file beside the packages it imports as they were published. */
export async function buildProgram(): Promise<string> {
  const file = fileURLToPath(new URL('../.test-results/program.mjs', import.meta.url));
  await build({
    entryPoints: [fileURLToPath(new URL('../src/program.ts', import.meta.url))],
    outfile: file,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    logLevel: 'silent',
  });
  return file;
}
