import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Round } from './measure.js';
import type { Command, Reply } from './protocol.js';
import type { Contender, Row } from './rows.js';

/** Built code starts built code, and sources start sources. */
const program = fileURLToPath(new URL(`contestant-process${extname(import.meta.url)}`, import.meta.url));

/** How long a contender may take beyond its round, or to get ready. */
const patienceMs = 60_000;

/** A contender of a row in a process of its own; it works only during `round`, and otherwise waits without using the processor. */
export class Contestant {
  readonly contender: Contender;
  readonly #process: ChildProcess;

  private constructor(contender: Contender, child: ChildProcess) {
    this.contender = contender;
    this.#process = child;
  }

  /**
   * @param file what the process runs
   * @throws Error when it cannot be set up
   */
  static async start(row: Row, contender: Contender, file = program): Promise<Contestant> {
    const child = fork(file, [row.name, contender.name], {
      env: { ...process.env, NODE_ENV: contender.setting.environment },
      // Standard output is for the results alone.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    const contestant = new Contestant(contender, child);
    await contestant.#reply(patienceMs);
    return contestant;
  }

  /**
   * @param patience the milliseconds it may take beyond the round
   * @throws Error when the contender failed, ended or did not come back in time
   */
  async round(seconds: number, patience = patienceMs): Promise<Round> {
    const reply = this.#reply(seconds * 1000 + patience);
    const command: Command = { seconds };
    this.#process.send(command);
    const told = await reply;
    if (told.kind !== 'round') throw new Error(`${this.contender.name} told "${told.kind}" in place of a round`);
    return told.round;
  }

  /** Lets it close down; resolves when its process has ended. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
  }

  #reply(withinMs: number): Promise<Reply> {
    const child = this.#process;
    const { name } = this.contender;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        child.off('message', heard).off('exit', ended).off('error', broken);
      };
      const fail = (why: string): void => {
        settle();
        child.kill('SIGKILL');
        reject(new Error(`${name} ${why}`));
      };
      const heard = (reply: Reply): void => {
        if (reply.kind === 'failed') return fail(`failed: ${reply.message}`);
        settle();
        resolve(reply);
      };
      const ended = (code: number | null, signal: string | null): void => fail(`ended early (${signal ?? code})`);
      const broken = (error: Error): void => fail(`could not be run: ${error.message}`);
      const timer = setTimeout(() => fail(`did not come back within ${withinMs / 1000} s`), withinMs);
      child.on('message', heard).once('exit', ended).once('error', broken);
    });
  }
}
