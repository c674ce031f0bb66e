import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { rowNames, rows } from '../src/rows.js';
import { runBench } from './run-bench.js';

interface Report {
  readonly rows: readonly {
    readonly name: string;
    readonly contenders: readonly {
      readonly name: string;
      readonly rates: readonly number[];
      readonly sent: number;
      readonly received: number;
      readonly wrong: number;
    }[];
  }[];
}

const brief = ['--rounds', '2', '--seconds', '0.005'];

describe('the benchmarks as a process', { timeout: 120_000 }, () => {
  let report: Report;
  beforeAll(async () => {
    const { exitCode, stdout, stderr } = await runBench(...brief, '--json');
    if (exitCode !== 0) throw new Error(`exit code ${exitCode}:\n${stderr}`);
    if (!/^\{[^\n]*\}\n$/.test(stdout)) throw new Error(`not one line of JSON:\n${stdout}`);
    report = JSON.parse(stdout) as Report;
  }, 120_000);

  it('run every row, in order', () => {
    expect(report.rows.map(({ name }) => name)).toEqual(rowNames);
  });

  it.each(rows)(
    'in the row $name every contender receives what is sent, and answers rightly',
    ({ name, contenders }) => {
      const row = report.rows.find((one) => one.name === name);
      expect(row?.contenders.map((contender) => contender.name)).toEqual(contenders.map((contender) => contender.name));
      for (const { rates, sent, received, wrong } of row?.contenders ?? []) {
        expect(rates).toHaveLength(2);
        expect(sent).toBeGreaterThanOrEqual(2048);
        expect(received).toBe(sent);
        expect(wrong).toBe(0);
      }
    },
  );

  it('print a table with a line for everybody, the machine, and why somebody is absent', async () => {
    const { exitCode, stdout } = await runBench(...brief, '--only', 'request');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Node ${process.versions.node} on `);
    for (const name of ['Happen, automatic', 'Happen, explicit', 'Moleculer']) {
      expect(stdout).toMatch(new RegExp(`^\\| request +\\| ${name} +\\| +[\\d.]+ [kM]? *\\|`, 'm'));
    }
    expect(stdout).toMatch(/^\| request +\| mitt +\| +– \|.*an emitter hands no answer back +\|$/m);
    expect(stdout).toMatch(/≥ 1: (not )?reached/);
  });

  it('refuse an unknown row with exit code 2, and help with 0', async () => {
    const [refused, helped] = await Promise.all([runBench('--only', 'coffee'), runBench('--help')]);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toContain('there is no row "coffee"');
    expect(helped).toMatchObject({ exitCode: 0, stderr: '' });
    expect(helped.stdout).toContain('Usage: npm run bench');
  });
});

describe('docs/performance.md', () => {
  it('explains exactly the rows that are measured, and has figures for each', async () => {
    const text = await readFile(new URL('../../../docs/performance.md', import.meta.url), 'utf8');
    const explained = [...text.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, name]) => name);
    expect(explained).toEqual([...rowNames]);
    for (const { name, contenders } of rows) {
      for (const contender of contenders)
        expect(text).toMatch(new RegExp(`^\\| ${name} +\\| ${contender.name} +\\|`, 'm'));
    }
  });
});
