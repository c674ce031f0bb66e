import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const app = fileURLToPath(new URL('../../', import.meta.url));
/** As it was built: processes that start processes have no time to compile. */
const built = [fileURLToPath(new URL('../../dist/main.js', import.meta.url))];
const program = [
  '--conditions=happen-source',
  '--import',
  // Resolved here, since the process may be started in any folder.
  import.meta.resolve('tsx'),
  fileURLToPath(new URL('../../src/main.ts', import.meta.url)),
];

/** What a process came to. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of the app as a process of its own, from its sources. */
export interface Running {
  readonly ended: Promise<Ended>;
  /** Resolves as soon as standard error holds the text; rejects if the process ends without it. */
  wrote(text: string): Promise<void>;
  /** What it has written so far. */
  stderr(): string;
  write(input: string): void;
  /** Writes, and closes standard input. */
  end(input: string): void;
  kill(signal: NodeJS.Signals): void;
}

/** Where and how the process is started. */
export interface Started {
  /** The app's own unless given. */
  readonly folder?: string;
  /** Options of Node itself. */
  readonly node?: readonly string[];
  /** Whether what was built is run, and not the sources. */
  readonly built?: boolean;
}

export function start(
  options: readonly string[],
  { folder = app, node = [], built: isBuilt = false }: Started = {},
): Running {
  const child = spawn(process.execPath, [...node, ...(isBuilt ? built : program), ...options], {
    cwd: folder,
    stdio: 'pipe',
  });
  let stdout = '';
  let stderr = '';
  let look = () => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    look();
  });
  // Whoever has ended reads nothing more.
  child.stdin.on('error', () => {});
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  return {
    ended,
    async wrote(text) {
      const seen = new Promise<void>((resolve) => {
        look = () => {
          if (stderr.includes(text)) resolve();
        };
        look();
      });
      const missed = ended.then(() => {
        throw new Error(`The app ended without writing ${JSON.stringify(text)}; it wrote:\n${stderr}`);
      });
      await Promise.race([seen, missed]);
    },
    stderr: () => stderr,
    write: (input) => void child.stdin.write(input),
    end: (input) => void child.stdin.end(input),
    kill: (signal) => void child.kill(signal),
  };
}

/** Runs the app to its end, with `input` on standard input. */
export function run(options: readonly string[], started: Started = {}, input = ''): Promise<Ended> {
  const running = start(options, started);
  running.end(input);
  return running.ended;
}

/** The JSON on standard output, which must be one line and nothing else. */
export function onlyLine({ stdout, stderr }: Ended): Record<string, unknown> {
  if (!/^\{[^\n]*\}\n$/.test(stdout)) throw new Error(`Expected one line of JSON, found:\n${stdout}\nand:\n${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}
