/** Every published package, checked as its users will get it: packed, and installed in a project that has nothing else. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from 'vite';
import { npmScript } from '../../scripts/npm.mjs';
import { publishedPackages, type WorkspacePackage } from '../../scripts/workspace.mjs';
import { binary } from '../package-checks/binary.js';
import { runNode } from '../package-checks/command.js';
import { builtFiles, promisedFiles } from '../package-checks/entries.js';
import { pack, withSiblings } from '../package-checks/pack.js';

const packages = publishedPackages();
const typeRoots = join(import.meta.dirname, '../node_modules/@types');

/** The modules that do something by being imported, and that bundlers must therefore keep: none but these. */
const modulesWithSideEffects: Readonly<Record<string, readonly string[]>> = {
  '@happen/core': ['./dist/array.js', './src/array.ts'],
};

test('there are packages to check', () => {
  expect(packages.map(({ name }) => name)).toContain('@happen/core');
});

test('core has limits for what pages and workers ship of it', () => {
  const core = packages.find(({ name }) => name === '@happen/core');
  const limits = JSON.parse(readFileSync(join(core?.folder ?? '', '.size-limit.json'), 'utf8')) as { name: string }[];
  // What is reached, with little to spare; docs/performance.md says what is aimed at.
  expect(limits.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'a space of its own: { initializeHappen }',
      'all of core',
      'a space in a worker: { initializeHappen }, { messagePortTransport }',
    ]),
  );
});

describe.each(packages)('$name', (subject) => {
  const workplace = mkdtempSync(join(tmpdir(), 'happen-package-'));
  let tarball: string;

  beforeAll(async () => {
    if (!existsSync(join(subject.folder, 'dist'))) throw new Error('Build first: npm run build');
    tarball = await pack(subject, join(workplace, 'packed'));
  }, 60_000);

  afterAll(() => rmSync(workplace, { recursive: true, force: true }));

  test('says of itself what every package says', () => {
    const { type, sideEffects, license, engines, exports, publishConfig, description } = subject.manifest;
    expect({ type, sideEffects, license, engines, publishConfig }).toEqual({
      type: 'module',
      sideEffects: modulesWithSideEffects[subject.name] ?? false,
      license: 'MIT',
      engines: { node: '>=20.19.0' },
      publishConfig: { access: 'public' },
    });
    expect(description).toMatch(/^[A-Z].*\.$/);
    expect(exports['./package.json']).toBe('./package.json');
  });

  test('promises exactly the files that were built, with a source and declarations for each', () => {
    const promised = promisedFiles(subject.manifest);
    const built = builtFiles(subject.folder);
    expect(promised.code).toEqual(built.code);
    expect(promised.types).toEqual(built.types);
    const stems = (paths: readonly string[]): string[] =>
      paths.map((path) => path.replace(/^\.\/(dist|src)\//, '').replace(/(\.d)?\.[jt]s$/, ''));
    expect(stems(promised.types)).toEqual(stems(promised.code));
    expect(stems(promised.sources)).toEqual(stems(promised.code));
    for (const source of promised.sources) expect(existsSync(join(subject.folder, source)), source).toBe(true);
  });

  test('packs cleanly (publint --strict)', async () => {
    const { exitCode, output } = await runNode(binary('publint'), ['run', tarball, '--strict'], workplace);
    expect(exitCode, output).toBe(0);
  });

  test('is found with its types by every resolution that knows ESM (attw)', async () => {
    const { exitCode, output } = await runNode(
      binary('@arethetypeswrong/cli', 'attw'),
      [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji', '--no-definitely-typed'],
      workplace,
    );
    expect(exitCode, output).toBe(0);
  });

  if (existsSync(join(subject.folder, '.size-limit.json'))) {
    test('stays within its sizes', async () => {
      const own = createRequire(join(subject.folder, 'package.json'));
      const { exitCode, output } = await runNode(binary('size-limit', 'size-limit', own), [], subject.folder);
      expect(exitCode, output).toBe(0);
    });
  }

  describe('in an empty project', () => {
    const project = join(workplace, 'project');
    const snippet = new URL(`../smoke/${subject.name.replace(/^@happen\//, '')}.js`, import.meta.url);

    beforeAll(() => install(subject, project, join(workplace, 'tarballs'), snippet), 180_000);

    test('works by import', async () => {
      writeFileSync(
        join(project, 'main.mjs'),
        `import * as subject from '${subject.name}';\nimport { use } from './use.js';\nawait use(subject);\nconsole.log('used');\n`,
      );
      expect(await runNode('main.mjs', [], project)).toEqual({ exitCode: 0, output: 'used\n' });
    });

    test('works by require()', async () => {
      writeFileSync(
        join(project, 'main.cjs'),
        `const subject = require('${subject.name}');\nimport('./use.js').then(({ use }) => use(subject)).then(() => console.log('used'));\n`,
      );
      expect(await runNode('main.cjs', [], project)).toEqual({ exitCode: 0, output: 'used\n' });
    });

    test.each([
      ['in a page', ['--lib', 'es2023,esnext.disposable,dom']],
      ['on Node', ['--lib', 'es2023,esnext.disposable', '--types', 'node', '--typeRoots', typeRoots]],
    ])('has types that stand on their own %s', async (_, options) => {
      const imports = entriesOf(subject).map((entry, index) => `export * as entry${index} from '${entry}';\n`);
      writeFileSync(join(project, 'main.ts'), imports.join(''));
      const { exitCode, output } = await runNode(
        binary('typescript', 'tsc'),
        ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', ...options, 'main.ts'],
        project,
      );
      expect(exitCode, output).toBe(0);
    });

    if (subject.name === '@happen/core') {
      test('adds members to arrays only where @happen/core/array is imported, for the type checker too', async () => {
        const use = `import { initializeHappen } from '@happen/core';\nconst { createNode } = initializeHappen();\n`;
        const call = `[createNode('a')].send({ type: 't' });\n`;
        writeFileSync(join(project, 'without.ts'), `${use}// @ts-expect-error not imported\n${call}`);
        writeFileSync(join(project, 'with.ts'), `import '@happen/core/array';\n${use}${call}`);
        for (const file of ['without.ts', 'with.ts']) {
          const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];
          const types = ['--lib', 'es2023,esnext.disposable', '--types', 'node', '--typeRoots', typeRoots];
          const { exitCode, output } = await runNode(
            binary('typescript', 'tsc'),
            [...options, ...types, file],
            project,
          );
          expect(exitCode, output).toBe(0);
        }
      });

      test('keeps those members in a bundle', async () => {
        writeFileSync(
          join(project, 'bundled.js'),
          `import '@happen/core/array';\nimport { initializeHappen } from '@happen/core';\n` +
            `const node = initializeHappen().createNode('a');\nnode.on('t', () => 'kept');\n` +
            `[node].send({ type: 't' }).then(({ a }) => console.log(a));\n`,
        );
        await build({
          root: project,
          configFile: false,
          logLevel: 'error',
          build: {
            lib: { entry: 'bundled.js', formats: ['es'], fileName: 'bundle' },
            outDir: 'bundle',
            rollupOptions: { external: /^node:/ },
          },
        });
        expect(await runNode('bundle/bundle.js', [], project)).toEqual({ exitCode: 0, output: 'kept\n' });
      });
    }
  });
});

/** What can be imported of a package and has types, as one writes it. */
function entriesOf({ name, manifest }: WorkspacePackage): readonly string[] {
  return Object.keys(manifest.exports)
    .filter((path) => path !== './package.json')
    .map((path) => name + path.slice(1));
}

/**
 * Installs packed packages, and what their snippet needs besides, with npm and no workspace around.
 *
 * A snippet exports `use(module)`, which throws when the package does not work, and may export `alsoInstall`, the peers a
 * user would install too.
 */
async function install(subject: WorkspacePackage, project: string, tarballs: string, snippet: URL): Promise<void> {
  if (!existsSync(snippet)) throw new Error(`${subject.name} has no snippet: write tooling/smoke/<package>.js`);
  await mkdir(project, { recursive: true });
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
  await cp(snippet, join(project, 'use.js'));
  const { alsoInstall = [] } = (await import(pathToFileURL(join(project, 'use.js')).href)) as {
    alsoInstall?: string[];
  };
  const wanted = [...alsoInstall];
  for (const [index, each] of withSiblings(subject).entries()) {
    wanted.push(await pack(each, join(tarballs, String(index))));
  }
  const npm = npmScript('npm');
  if (npm === undefined) throw new Error('There is no npm on this machine.');
  const { exitCode, output } = await runNode(
    npm,
    ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', '--loglevel=error', ...wanted],
    project,
  );
  if (exitCode !== 0) throw new Error(`npm install failed:\n${output}`);
  const installed = JSON.parse(readFileSync(join(project, 'node_modules', subject.name, 'package.json'), 'utf8'));
  expect(installed.version).toBe(subject.manifest.version);
}
