import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Findings, findings } from '../src/checks.js';
import { buildProgram } from './bundle.js';
import { runtime, runtimeName } from './runtime.js';

let report: Record<'main' | 'thread' | 'hub' | 'terminated' | 'tracked', unknown>;

beforeAll(async () => {
  const [command, ...args] = runtime;
  const { stdout, stderr } = await promisify(execFile)(command, [...args, await buildProgram('program')], {
    timeout: 60_000,
  });
  expect(stderr).toBe('');
  report = JSON.parse(stdout) as typeof report;
}, 90_000);

describe(`core in ${runtimeName}`, () => {
  it('does what it does here, with the same hashes', async () => {
    expect(report.main).toEqual(JSON.parse(JSON.stringify(await findings())));
  });

  it('does the same in a worker thread, and answers through its port', () => {
    const main = report.main as Findings;
    expect(report.thread).toEqual({
      answer: (main['hub'] as Findings)['answer'],
      sender: 'asker',
      findings: main,
      nobody: 'HAPPEN_NO_SUCH_NODE',
    });
  });

  it('joins several worker threads, which reach each other', () => {
    expect(report.hub).toEqual({ first: 1, passedOn: 'passed on', malformed: 0 });
  });

  it('tells who asked a worker that is terminated', () => {
    expect(report.terminated).toBe('HAPPEN_DISCONNECTED');
  });

  it('follows causes through awaits and timers by itself', () => {
    expect(report.tracked).toBe(1);
  });
});
