import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PartyName } from './party.js';

/** What the process of the other side tells. */
export type ResponderNews =
  | { readonly kind: 'ready' }
  | { readonly kind: 'heard'; readonly count: number; readonly cents: number }
  | { readonly kind: 'failed'; readonly message: string };

/** It tells of so many at a time, which it must be sent a multiple of. */
export const heardAtOnce = 256;

/** Built code starts built code, and sources start sources. */
const extension = extname(import.meta.url);
const program = fileURLToPath(
  new URL(extension === '.ts' ? '../../nats-responder-process.ts' : 'nats-responder-process.js', import.meta.url),
);

/** The other side of a row, in a process of its own. */
export class Responder {
  readonly #process: ChildProcess;
  /** Called with what it tells of having heard. */
  onHeard: (count: number, cents: number) => void = () => {};

  private constructor(child: ChildProcess) {
    this.#process = child;
    child.on('message', (news: ResponderNews) => {
      if (news.kind === 'heard') this.onHeard(news.count, news.cents);
    });
  }

  /** @throws Error when it can't be reached */
  static async start(party: PartyName, url: string): Promise<Responder> {
    const child = fork(program, [party, url], { stdio: ['ignore', 2, 2, 'ipc'] });
    const responder = new Responder(child);
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code, signal) => reject(new Error(`${party}: the responder ended (${signal ?? code})`)));
      child.once('error', reject);
      child.on('message', (news: ResponderNews) => {
        if (news.kind === 'ready') resolve();
        if (news.kind === 'failed') reject(new Error(news.message));
      });
    });
    return responder;
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(timer);
  }
}
