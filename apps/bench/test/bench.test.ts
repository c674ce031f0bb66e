import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { processRowNames, processRows } from '../src/process-rows.js';
import { rowNames, rows, needsNats } from '../src/rows.js';
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
  readonly processRows: readonly {
    readonly name: string;
    readonly contenders: readonly {
      readonly name: string;
      readonly figures: readonly number[];
      readonly sound: boolean;
    }[];
  }[];
}

const brief = ['--rounds', '2', '--seconds', '0.005'];

describe('the benchmarks as a process', { timeout: 400_000 }, () => {
  let report: Report;
  beforeAll(async () => {
    const { exitCode, stdout, stderr } = await runBench(...brief, '--json');
    if (exitCode !== 0) throw new Error(`exit code ${exitCode}:\n${stderr}`);
    if (!/^\{[^\n]*\}\n$/.test(stdout)) throw new Error(`not one line of JSON:\n${stdout}`);
    report = JSON.parse(stdout) as Report;
  }, 400_000);

  it('run every row, in order', () => {
    expect(report.rows.map(({ name }) => name)).toEqual(rowNames);
  });

  it.each(rows)('in the row $name every contender receives what is sent, and answers rightly', (measured) => {
    const { name, contenders } = measured;
    const row = report.rows.find((one) => one.name === name);
    expect(row?.contenders.map((contender) => contender.name)).toEqual(contenders.map((contender) => contender.name));
    for (const { rates, sent, received, wrong } of row?.contenders ?? []) {
      expect(rates).toHaveLength(2);
      expect(sent).toBeGreaterThanOrEqual(needsNats(measured) ? 128 : 2000);
      expect(received).toBe(sent);
      expect(wrong).toBe(0);
    }
  });

  it('run every row on processes, in order, with a figure from everybody', () => {
    expect(report.processRows.map(({ name }) => name)).toEqual(processRowNames);
    for (const { name, programs } of processRows) {
      const row = report.processRows.find((one) => one.name === name);
      expect(row?.contenders.map((contender) => contender.name)).toEqual(programs.map((program) => program.name));
      for (const { figures, sound } of row?.contenders ?? []) {
        expect(figures).toHaveLength(1);
        expect(figures[0]).toBeGreaterThan(1);
        expect(sound).toBe(true);
      }
    }
  });

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
    expect(explained).toEqual([...rowNames, ...processRowNames]);
    const [, sentence = ''] = /^Not yet measured on a quiet machine: ([^.]*)\./m.exec(text) ?? [];
    const waiting = new Set([...sentence.matchAll(/`([a-z0-9-]+)`/g)].map(([, name]) => name));
    const contenders = [
      ...rows.flatMap((row) => row.contenders.map(({ name }) => ({ row: row.name, name }))),
      ...processRows.flatMap((row) => row.programs.map(({ name }) => ({ row: row.name, name }))),
    ];
    for (const { row, name } of contenders) {
      const figures = new RegExp(`^\\| ${row} +\\| ${name} +\\|`, 'm');
      if (waiting.has(row)) expect(text, `${row} is said to wait for its figures`).not.toMatch(figures);
      else expect(text).toMatch(figures);
    }
  });
});
