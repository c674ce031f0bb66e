/** The scripts behind `npm start`, `npm test` and `npm run bench`. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { execute } from '../../scripts/execute.mjs';
import { publishedPackages, root, workspacePackages } from '../../scripts/workspace.mjs';
import { runNode } from '../package-checks/command.js';

const scripts = join(root, 'scripts');
const workplace = mkdtempSync(join(tmpdir(), 'happen-scripts-'));
afterAll(() => rmSync(workplace, { recursive: true, force: true }));

test('a Node that is too old gets one clear line', async () => {
  cpSync(join(scripts, 'main.mjs'), join(workplace, 'scripts/main.mjs'));
  writeFileSync(join(workplace, 'package.json'), '{ "engines": { "node": ">=99.1.0" } }');
  expect(await runNode(join(workplace, 'scripts/main.mjs'), ['start'], workplace)).toEqual({
    exitCode: 1,
    output: `Happen needs Node.js 99.1.0 or newer; this is ${process.versions.node}.\n`,
  });
});

test('a command that does not exist gets one clear line', async () => {
  const { exitCode, output } = await runNode(join(scripts, 'main.mjs'), ['strat'], workplace);
  expect(exitCode).toBe(1);
  expect(output).toBe('Usage: node scripts/main.mjs <start | test | bench | matrix> [options]\n');
});

describe('a started program', () => {
  const run = (code: string) => execute(process.execPath, ['-e', code], { stdio: 'ignore' });

  test.each([0, 1, 7])('hands on its exit code %i', async (code) => {
    expect(await run(`process.exitCode = ${code}`)).toBe(code);
  });

  test('ended by a signal is told from one that ended by itself', async () => {
    expect(await run(`process.kill(process.pid, 'SIGKILL')`)).toBe(128 + 9);
  });

  test('that does not exist is a failure', async () => {
    expect(await execute(join(workplace, 'no-such-program'), [], { stdio: 'ignore' })).toBe(127);
  });

  test('gets the signals that its starter gets', async () => {
    const child = `process.on('SIGTERM', () => process.exit(5)); process.kill(process.ppid, 'SIGTERM'); setInterval(() => {}, 1000);`;
    const starter = join(workplace, 'starter.mjs');
    writeFileSync(
      starter,
      `import { execute } from ${JSON.stringify(join(scripts, 'execute.mjs'))};\n` +
        `process.exitCode = await execute(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'ignore' });\n`,
    );
    expect((await runNode(starter, [], workplace)).exitCode).toBe(5);
  });
});

describe('the workspace', () => {
  test('is what pnpm takes it for', async () => {
    const { output } = await runNode(
      join(scripts, 'pnpm.mjs'),
      ['list', '--recursive', '--depth', '-1', '--json'],
      root,
    );
    const known = (JSON.parse(output.slice(output.indexOf('['))) as { name: string; path: string }[])
      .filter(({ path }) => join(path) !== join(root, '.'))
      .map(({ name }) => name)
      .filter((name) => name !== 'happen-workspace');
    expect(workspacePackages().map(({ name }) => name)).toEqual(known.sort());
  });

  test('has every package built, checked and tested', () => {
    for (const { name, manifest } of publishedPackages()) {
      expect(Object.keys(manifest.scripts), name).toEqual(
        expect.arrayContaining(['build', 'check-types', 'lint', 'test']),
      );
    }
    for (const { name, manifest } of workspacePackages()) {
      expect(Object.keys(manifest.scripts), name).toEqual(expect.arrayContaining(['check-types', 'lint', 'test']));
    }
  });

  test('names one version of pnpm, and one floor for Node', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(manifest.packageManager).toMatch(/^pnpm@\d+\.\d+\.\d+$/);
    for (const each of publishedPackages()) expect(each.manifest.engines.node, each.name).toBe(manifest.engines.node);
  });

  test('has a lockfile that works with any registry', () => {
    expect(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')).not.toMatch(/https?:\/\//);
  });
});

describe('type tests', () => {
  test('are part of what check-types reads, and can fail', async () => {
    const folder = join(workplace, 'types');
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: join(root, 'tooling/tsconfig/base.json'), include: ['*.ts'] }),
    );
    writeFileSync(
      join(folder, 'wrong.test-d.ts'),
      '// @ts-expect-error A number is a number.\nexport const one: number = 1;\n',
    );
    const tsc = join(root, 'tooling/node_modules/typescript/bin/tsc');
    const { exitCode, output } = await runNode(tsc, ['-p', folder], folder);
    expect(output).toContain('TS2578');
    expect(exitCode).not.toBe(0);
  });

  test.each(workspacePackages().filter(({ name }) => name !== '@happen/tooling'))(
    'of $name are within its project',
    ({ folder }) => {
      const project = JSON.parse(readFileSync(join(folder, 'tsconfig.json'), 'utf8')) as { include: string[] };
      expect(
        project.include.some((path) => ['test', '.', '*.ts', '**/*.ts'].includes(path)),
        folder,
      ).toBe(true);
    },
  );
});
