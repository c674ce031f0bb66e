import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Starts a program, hands it the signals that reach this process, and waits for its end.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<number>} The exit code; 128 plus the signal's number when a signal ended it; 127 when it cannot start.
 */
export function execute(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, options);
    /** @type {NodeJS.Signals[]} */
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const forward = (/** @type {NodeJS.Signals} */ signal) => {
      // A terminal sends Ctrl-C to the child as well; a second one could read as "now, at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    for (const signal of signals) process.on(signal, forward);
    const finish = (/** @type {number} */ exitCode) => {
      for (const signal of signals) process.off(signal, forward);
      resolve(exitCode);
    };
    child.once('error', (error) => {
      process.stderr.write(`${command} could not be started: ${error.message}\n`);
      finish(127);
    });
    child.once('exit', (code, signal) => finish(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
  });
}
