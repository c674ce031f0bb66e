import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { keeperFile } from '../keeper-file.js';
import type { Notice, Order } from './keeper-protocol.js';

/** How a process ended: its exit code, or the signal that ended it. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A process that the keeper started. */
export interface KeptProcess {
  readonly pid: number;
  /** Set when it has ended. */
  readonly ending: Ending | undefined;
  /** Resolves when it has ended. */
  readonly ended: Promise<Ending>;
  /** Resolves when the signal has been sent; `false` if there is no process any more. */
  signal(signal: NodeJS.Signals): Promise<boolean>;
}

interface Entry {
  pid: number;
  ending: Ending | undefined;
  readonly started: Settling<void>;
  readonly ended: Settling<Ending>;
  readonly signalled: Settling<boolean>[];
}

interface Settling<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The process that keeps this one's servers. Waiting for something keeps this process alive; a server that merely runs
 * does not, and is ended with it.
 */
export class Keeper {
  readonly #process: ChildProcess;
  readonly #ready = settling<string>();
  readonly #entries = new Map<number, Entry>();
  #folder: string | undefined;
  #lastId = 0;
  #waiting = 0;
  #gone = false;

  constructor() {
    this.#process = spawn(process.execPath, [keeperFile], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // A process group of its own survives what kills this one's.
      detached: true,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    this.#process.unref();
    this.#process.channel?.unref();
    this.#process.on('message', (message) => this.#take(message as Notice));
    this.#process.once('error', (error) => this.#lost(error.message));
    this.#process.once('exit', () => this.#lost('it ended'));
  }

  /** Whether servers can still be started. */
  get usable(): boolean {
    return !this.#gone;
  }

  /** A folder that exists for as long as this process. */
  folder(): Promise<string> {
    return this.wait(this.#ready.promise);
  }

  /** @throws Error if the program can't be started */
  async start(command: string, args: readonly string[], log: string | undefined): Promise<KeptProcess> {
    const id = ++this.#lastId;
    const entry: Entry = { pid: 0, ending: undefined, started: settling(), ended: settling(), signalled: [] };
    this.#entries.set(id, entry);
    this.#tell({ type: 'start', id, command, args, log });
    await this.wait(entry.started.promise);
    return {
      pid: entry.pid,
      get ending() {
        return entry.ending;
      },
      ended: entry.ended.promise,
      signal: (signal) => {
        if (entry.ending !== undefined) return Promise.resolve(false);
        const sent = settling<boolean>();
        entry.signalled.push(sent);
        this.#tell({ type: 'signal', id, signal });
        return this.wait(sent.promise);
      },
    };
  }

  /** Keeps this process alive until the promise settles. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    if (this.#waiting++ === 0) this.#process.channel?.ref();
    try {
      return await promise;
    } finally {
      if (--this.#waiting === 0) this.#process.channel?.unref();
    }
  }

  #tell(order: Order): void {
    if (this.#gone) throw new Error('The process that keeps the servers is gone.');
    this.#process.send(order, (error) => {
      if (error !== null) this.#lost(error.message);
    });
  }

  #take(notice: Notice): void {
    if (notice.type === 'ready') {
      this.#folder = notice.folder;
      this.#ready.resolve(notice.folder);
      return;
    }
    const entry = this.#entries.get(notice.id);
    if (entry === undefined) return;
    if (notice.type === 'started') {
      entry.pid = notice.pid;
      entry.started.resolve();
    } else if (notice.type === 'failed') {
      entry.started.reject(new Error(notice.message));
    } else if (notice.type === 'signalled') {
      entry.signalled.shift()?.resolve(notice.delivered);
    } else {
      this.#end(notice.id, entry, { code: notice.code, signal: notice.signal });
    }
  }

  #end(id: number, entry: Entry, ending: Ending): void {
    this.#entries.delete(id);
    entry.ending = ending;
    entry.started.reject(new Error('It ended at once.'));
    entry.ended.resolve(ending);
    for (const sent of entry.signalled.splice(0)) sent.resolve(false);
  }

  /** Without its keeper a server would outlive this process. */
  #lost(reason: string): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#ready.reject(new Error(`The process that keeps the servers can't work: ${reason}.`));
    for (const [id, entry] of this.#entries) {
      if (entry.pid !== 0) endNow(entry.pid);
      this.#end(id, entry, { code: null, signal: 'SIGKILL' });
    }
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function settling<T>(): Settling<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((resolvePromise, rejectPromise) => {
    resolve = resolvePromise;
    reject = rejectPromise;
  });
  // Nobody may be waiting when it fails.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

let current: Keeper | undefined;

/** The keeper of this process's servers. */
export function keeper(): Keeper {
  if (current?.usable !== true) current = new Keeper();
  return current;
}
