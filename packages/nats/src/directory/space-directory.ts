/**
 * The directory as users of a transport see it: there from the beginning, though a session that fills it comes later.
 *
 * 1. Who watches before there is a session hears of everything that the session learns.
 * 2. Whoever waits when it ends is told so.
 */
import { type Clock, durationOf, HappenError, type Timer } from '@happen/core';
import { closed } from '../connection/failures.js';
import type { Directory, DirectoryChange, DirectoryNode, WaitOptions } from './directory.js';

/** As long as a request waits. */
const defaultWaitMs = 30_000;

type Source = Pick<Directory, 'nodes' | 'watch'>;

export class SpaceDirectory implements Directory {
  readonly #clock: Clock;
  readonly #watchers = new Map<object, { readonly listener: (change: DirectoryChange) => void; end?: () => void }>();
  readonly #waiting = new Set<(error: unknown) => void>();
  #source: Source | undefined;
  /** Why nothing more will be known, if that is so. */
  #ended: unknown;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on, what there is to know comes from here. */
  follow(source: Source): void {
    this.#source = source;
    for (const watcher of this.#watchers.values()) watcher.end = source.watch(watcher.listener);
  }

  /** Nothing more will be known; the first reason counts. */
  end(why: unknown = closed('It has been stopped.')): void {
    this.#ended ??= why;
    this.#source = undefined;
    this.#watchers.clear();
    for (const fail of [...this.#waiting]) fail(this.#ended);
  }

  nodes(): readonly DirectoryNode[] {
    return this.#source?.nodes() ?? [];
  }

  watch(listener: (change: DirectoryChange) => void): () => void {
    if (this.#ended !== undefined) return () => {};
    const key = {};
    this.#watchers.set(key, { listener, ...(this.#source && { end: this.#source.watch(listener) }) });
    return () => {
      this.#watchers.get(key)?.end?.();
      this.#watchers.delete(key);
    };
  }

  async waitFor(ids: string | readonly string[], { timeout, signal }: WaitOptions = {}): Promise<void> {
    const waitMs = timeout === undefined ? defaultWaitMs : durationOf('timeout', timeout);
    if (signal?.aborted === true) throw cancelled(signal);
    if (this.#ended !== undefined) throw this.#ended;
    const missing = new Set(typeof ids === 'string' ? [ids] : ids);
    for (const { id } of this.nodes()) missing.delete(id);
    if (missing.size === 0) return;

    let timer: Timer | undefined;
    let end = (): void => {};
    let abort = (): void => {};
    let fail: (error: unknown) => void = () => {};
    try {
      await new Promise<void>((resolve, reject) => {
        fail = reject;
        abort = () => reject(cancelled(signal));
        this.#waiting.add(fail);
        signal?.addEventListener('abort', abort);
        timer = this.#clock.setTimer(waitMs, () => reject(late(missing, waitMs, this.#source !== undefined)));
        end = this.watch(({ kind, node }) => {
          // One may go again while another is waited for.
          if (kind !== 'removed') missing.delete(node.id);
          else if (isWanted(ids, node.id) && !this.nodes().some(({ id }) => id === node.id)) missing.add(node.id);
          if (missing.size === 0) resolve();
        });
      });
    } finally {
      this.#waiting.delete(fail);
      signal?.removeEventListener('abort', abort);
      timer?.clear();
      end();
    }
  }
}

function isWanted(ids: string | readonly string[], id: string): boolean {
  return typeof ids === 'string' ? ids === id : ids.includes(id);
}

function cancelled(signal: AbortSignal | undefined): HappenError {
  return new HappenError('HAPPEN_CANCELLED', 'Waiting for nodes was cancelled.', { cause: signal?.reason });
}

function late(missing: ReadonlySet<string>, waitMs: number, isConnected: boolean): HappenError {
  const ids = [...missing];
  const named = ids
    .slice(0, 5)
    .map((id) => JSON.stringify(id))
    .join(', ');
  const others = ids.length > 5 ? ` and ${ids.length - 5} more` : '';
  return new HappenError(
    'HAPPEN_TIMEOUT',
    `Nobody announced ${named}${others} within ${waitMs} ms. ${isConnected ? 'Check the ids, and that their spaces run and bear the same name.' : 'There is no connection to a NATS server yet.'}`,
    { details: { missing: ids, timeout: waitMs } },
  );
}
