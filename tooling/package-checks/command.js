// @ts-check
import { execFile } from 'node:child_process';

/**
 * Runs a Node script and waits for it; never rejects.
 *
 * @param {string} script Path of the script.
 * @param {string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} [env] Added to this process's environment.
 * @returns {Promise<{ exitCode: number, output: string }>} What it wrote on both streams, without colours; its exit code,
 *   or 1 when a signal ended it.
 */
export function runNode(script, args, cwd, env = {}) {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [script, ...args],
      { cwd, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...env }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ exitCode, output: `${stdout}${stderr}` });
      },
    );
  });
}
