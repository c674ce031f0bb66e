/** Waiting until nodes have nothing left to do, without polling. */
import type { Delivery } from '../flow/delivery.js';
import type { NodeCore } from '../node/node-core.js';
import type { Clock } from '../ports/clock.js';

export class Idleness {
  readonly #clock: Clock;
  readonly #dispatching: () => boolean;
  readonly #watchers = new Set<() => void>();
  readonly #nodeWatchers = new Map<NodeCore, Set<() => void>>();

  /** @param dispatching - whether something is about to be dispatched */
  constructor(clock: Clock, dispatching: () => boolean) {
    this.#clock = clock;
    this.#dispatching = dispatching;
  }

  /** A flow's last emissions are dispatched after it has ended, so a look is worth having after each round of dispatching. */
  look(): void {
    if (this.#watchers.size > 0) for (const look of [...this.#watchers]) look();
  }

  nodeIdle(node: NodeCore): void {
    this.look();
    if (this.#nodeWatchers.size > 0) for (const look of this.#nodeWatchers.get(node) ?? []) look();
  }

  /** Waits until the nodes have nothing left to do and nothing is about to be dispatched; `false` when the time was over. */
  untilAllIdle(cores: readonly NodeCore[], timeoutMs: number): Promise<boolean> {
    // The first node found busy is looked at until it is not; all are looked at again only then.
    let first = 0;
    const isIdle = (): boolean => {
      if (this.#dispatching()) return false;
      while (first < cores.length && !isBusy(cores[first] as NodeCore)) first++;
      if (first < cores.length) return false;
      first = cores.findIndex(isBusy);
      if (first < 0) return true;
      return false;
    };
    return this.#until(isIdle, this.#watchers, timeoutMs);
  }

  /** Waits until one node has nothing left to do; `false` when the time was over. */
  untilNodeIdle(core: NodeCore, timeoutMs: number): Promise<boolean> {
    return this.#untilAtNode(core, () => !isBusy(core), timeoutMs);
  }

  /**
   * As `untilNodeIdle`, but for deliveries that wait for just that: none of them, and nothing that waits for its turn behind them,
   * is waited for.
   */
  untilOnlyLeft(core: NodeCore, waiting: ReadonlySet<Delivery>, timeoutMs: number): Promise<boolean> {
    core.tellsEachEnd = true;
    return this.#untilAtNode(core, () => areLeft([core], waiting), timeoutMs);
  }

  /** As `untilAllIdle`, but for such deliveries. */
  untilOnlyLeftOfAll(cores: readonly NodeCore[], waiting: ReadonlySet<Delivery>, timeoutMs: number): Promise<boolean> {
    for (const core of cores) core.tellsEachEnd = true;
    return this.#until(() => !this.#dispatching() && areLeft(cores, waiting), this.#watchers, timeoutMs);
  }

  #untilAtNode(core: NodeCore, isSo: () => boolean, timeoutMs: number): Promise<boolean> {
    const watchers = this.#nodeWatchers.get(core) ?? new Set<() => void>();
    this.#nodeWatchers.set(core, watchers);
    return this.#until(isSo, watchers, timeoutMs).finally(() => {
      if (watchers.size === 0) this.#nodeWatchers.delete(core);
    });
  }

  #until(isSo: () => boolean, watchers: Set<() => void>, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (so: boolean): void => {
        timer.clear();
        watchers.delete(look);
        resolve(so);
      };
      const look = (): void => {
        if (isSo()) finish(true);
      };
      const timer = this.#clock.setTimer(timeoutMs, () => finish(false));
      watchers.add(look);
      look();
    });
  }
}

/** Whether nothing runs but these. */
function areLeft(cores: readonly NodeCore[], waiting: ReadonlySet<Delivery>): boolean {
  let left = 0;
  for (const delivery of waiting) if (!delivery.ended) left++;
  return cores.reduce((sum, { running, streaming }) => sum + running + streaming, 0) <= left;
}

function isBusy(core: NodeCore): boolean {
  return core.isBusy;
}
