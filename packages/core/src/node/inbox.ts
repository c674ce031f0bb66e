/**
 * What stands between a node and the events that reach it: how many flows run at once, who waits, and in which order.
 *
 * Invariants:
 * 1. `running` deliveries hold a slot, at most `maxConcurrent`; a delivery runs at once only when nobody waits before it.
 * 2. At most one delivery of a key runs. Those behind it wait in the key's lane, in order of arrival; the lane's first is
 *    put back into the queue when the key is free, before anything that arrived later.
 * 3. `waiting` counts queue and lanes together and never exceeds `queueLimit`.
 * 4. Starting one delivery never starts another within it: what becomes free is taken up in one loop.
 */
import { HappenError } from '../errors/happen-error.js';
import type { Delivery } from '../flow/delivery.js';
import { FifoQueue, PriorityQueue, type WaitingQueue } from './waiting-queue.js';

/** How a node takes events. */
export interface ConcurrencySettings {
  /** Flows that run at once. */
  readonly maxConcurrent: number;
  /** Events that wait at most; one more is refused with `HAPPEN_QUEUE_FULL`. */
  readonly queueLimit: number;
  /** `priority` takes higher priorities first; `fifo` looks at arrival only. */
  readonly queueStrategy: 'fifo' | 'priority';
  /** The share of `queueLimit` (0 to 1) whose crossing is told. */
  readonly backpressureThreshold: number;
}

/** What an inbox needs from its node. */
export interface InboxOwner {
  readonly id: string;
  /** Runs a delivery; it calls `release` when all its flows have completed. */
  begin(delivery: Delivery): void;
  /** Told when the waiting events cross the threshold, upwards (`true`) or back. */
  pressure(high: boolean, waiting: number): void;
  /** Told when the last running and waiting delivery is gone. */
  idle(): void;
}

/** The deliveries of one key; it exists while one of them runs or waits. */
interface Lane {
  running: boolean;
  readonly behind: Delivery[];
}

export class Inbox {
  readonly #owner: InboxOwner;
  readonly #settings: ConcurrencySettings;
  readonly #queue: WaitingQueue;
  readonly #lanes = new Map<string, Lane>();
  readonly #threshold: number;
  #running = 0;
  #inLanes = 0;
  #order = 0;
  #high = false;
  #draining = false;

  constructor(owner: InboxOwner, settings: ConcurrencySettings) {
    this.#owner = owner;
    this.#settings = settings;
    this.#queue = settings.queueStrategy === 'priority' ? new PriorityQueue() : new FifoQueue();
    this.#threshold = Math.max(1, Math.ceil(settings.queueLimit * settings.backpressureThreshold));
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#queue.size + this.#inLanes;
  }

  /** Takes a delivery: runs it, lets it wait, or refuses it. */
  submit(delivery: Delivery): HappenError | undefined {
    const { key } = delivery;
    delivery.order = this.#order++;
    if (this.#running < this.#settings.maxConcurrent && this.#queue.size === 0) {
      if (key === undefined) {
        this.#running++;
        this.#owner.begin(delivery);
        return undefined;
      }
      if (!this.#lanes.has(key)) {
        this.#lanes.set(key, { running: true, behind: [] });
        this.#running++;
        this.#owner.begin(delivery);
        return undefined;
      }
    }
    if (this.waiting >= this.#settings.queueLimit) {
      return new HappenError(
        'HAPPEN_QUEUE_FULL',
        `The queue of node "${this.#owner.id}" is full: ${this.waiting} events wait. Send less at once, or raise concurrency.queueLimit.`,
        { details: { node: this.#owner.id, limit: this.#settings.queueLimit } },
      );
    }
    const lane = key === undefined ? undefined : this.#lanes.get(key);
    if (lane === undefined) {
      this.#queue.push(delivery);
    } else {
      lane.behind.push(delivery);
      this.#inLanes++;
    }
    if (!this.#high && this.waiting >= this.#threshold) {
      this.#high = true;
      this.#owner.pressure(true, this.waiting);
    }
    return undefined;
  }

  /** Gives the slot of an ended delivery back, and its key. */
  release(delivery: Delivery): void {
    this.#running--;
    const { key } = delivery;
    if (key !== undefined) this.#freeKey(key);
    if (!this.#draining) this.#drain();
    if (this.#running === 0 && this.waiting === 0) this.#owner.idle();
  }

  /** Takes every waiting delivery out, in order. */
  *takeWaiting(): Generator<Delivery> {
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) yield next;
    for (const lane of this.#lanes.values()) {
      this.#inLanes -= lane.behind.length;
      yield* lane.behind.splice(0);
    }
  }

  #freeKey(key: string): void {
    const lane = this.#lanes.get(key) as Lane;
    lane.running = false;
    const next = lane.behind.shift();
    if (next === undefined) {
      this.#lanes.delete(key);
      return;
    }
    this.#inLanes--;
    this.#queue.putBack(next);
  }

  #drain(): void {
    this.#draining = true;
    while (this.#running < this.#settings.maxConcurrent) {
      const next = this.#queue.pop();
      if (next === undefined) break;
      const { key } = next;
      if (key !== undefined && !this.#takeKey(key, next)) continue;
      if (next.cancelled !== undefined) {
        next.refuse(next.cancelled);
        if (key !== undefined) this.#freeKey(key);
        continue;
      }
      this.#running++;
      this.#owner.begin(next);
    }
    this.#draining = false;
    if (this.#high && this.waiting < this.#threshold) {
      this.#high = false;
      this.#owner.pressure(false, this.waiting);
    }
  }

  /** Makes a delivery the running one of its key, or lets it wait in the lane, at its place by arrival. */
  #takeKey(key: string, delivery: Delivery): boolean {
    const lane = this.#lanes.get(key);
    if (lane === undefined) {
      this.#lanes.set(key, { running: true, behind: [] });
      return true;
    }
    if (!lane.running) {
      lane.running = true;
      return true;
    }
    let index = lane.behind.length;
    while (index > 0 && (lane.behind[index - 1] as Delivery).order > delivery.order) index--;
    lane.behind.splice(index, 0, delivery);
    this.#inLanes++;
    return false;
  }
}
