import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * What a page gets: one file for each entry, with what it imports as it was published, and nothing in place of Node's own.
 *
 * @param folder of `page.ts` and `web-worker.ts`
 */
export async function bundle(folder = '.'): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    entryPoints: { page: source(`${folder}/page.ts`), 'web-worker': source(`${folder}/web-worker.ts`) },
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

/**
 * A program for runtimes such as Node's, in one file beside the packages it imports as they were published.
 *
 * @param name of its source, without the ending
 */
export async function buildProgram(name: string): Promise<string> {
  const file = fileURLToPath(new URL(`../.test-results/${name.replace('/', '-')}.mjs`, import.meta.url));
  await build({
    entryPoints: [source(`${name}.ts`)],
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

function source(name: string): string {
  return fileURLToPath(new URL(`../src/${name}`, import.meta.url));
}
