import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a process came to. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the benchmarks as a process of their own, from their sources. */
export function runBench(...options: string[]): Promise<Ended> {
  const program = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const loaded = ['--conditions=happen-source', '--import', import.meta.resolve('tsx'), program];
  const child = spawn(process.execPath, [...loaded, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    ended.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    ended.stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, ...ended }));
  });
}
