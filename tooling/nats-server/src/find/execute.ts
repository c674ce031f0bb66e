import { execFile } from 'node:child_process';

export interface ExecuteOptions {
  readonly signal?: AbortSignal | undefined;
  readonly cwd?: string;
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Runs a program to its end.
 *
 * @returns what it wrote to standard output
 * @throws Error with one line: what the program said last, or why it could not run
 */
export function execute(command: string, args: readonly string[], options: ExecuteOptions): Promise<string> {
  const { signal, cwd, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    execFile(
      command,
      [...args],
      {
        cwd,
        signal,
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: 16 * 1024 * 1024,
        // What programs say is read, so it has to be in one language.
        env: { ...process.env, LC_ALL: 'C.UTF-8' },
      },
      (error, stdout, stderr) => {
        if (error === null) {
          resolve(stdout);
        } else if (signal?.aborted === true) {
          reject(signal.reason as Error);
        } else {
          reject(new Error(reasonOf(command, error, stderr, timeoutMs), { cause: error }));
        }
      },
    );
  });
}

function reasonOf(command: string, error: Error & { code?: unknown; killed?: boolean }, stderr: string, ms: number) {
  if (error.code === 'ENOENT') return `${command} is not there`;
  if (error.killed === true) return `${command} took more than ${ms / 1000} s`;
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const said = lines.find((line) => line.startsWith('E:')) ?? lines.at(-1) ?? error.message.split('\n')[0];
  return `${command}: ${said?.trim()}`;
}
