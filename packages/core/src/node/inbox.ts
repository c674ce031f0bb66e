/**
 * What stands between a node and the events that reach it: how many flows run at once, who waits, and in which order.
 *
 * Invariants:
 * 1. `running` deliveries hold a slot, at most `maxConcurrent`; a delivery runs at once only when nobody waits before it.
 * 2. Of each key at most one delivery is in front: it runs, its stream goes on, or it stands in the queue. The others wait in the key's lane in
 *    order of arrival, whatever their priority; when the one in front has ended, the lane's first goes into the queue, at
 *    its place by arrival there.
 * 3. `waiting` counts queue and lanes together and never exceeds `queueLimit`.
 * 4. Of those that wait, `#cancelled` have been given up by their askers. They make room before anything is refused, as soon as
 *    there are enough of them to be worth a look at all.
 * 5. Starting one delivery never starts another within it: what becomes free is taken up in one loop.
 */
import { HappenError } from '../errors/happen-error.js';
import type { Delivery } from '../flow/delivery.js';
import { Lag, type LagSeverity } from './lag.js';
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
  /** Told when so many wait that the node has fallen behind, or further behind. */
  fellBehind(severity: LagSeverity, waiting: number): void;
  /** Told when that is over. */
  caughtUp(): void;
  /** Told when the last running and waiting delivery is gone. */
  idle(): void;
  /** Told of a delivery that has waited in vain, since its asker gave up: it will not run. */
  dropped(delivery: Delivery): void;
}

/** One in so many has to have been given up before all are looked at for it, so that a look costs little for each. */
const leastShareCancelled = 16;

export class Inbox {
  readonly #owner: InboxOwner;
  readonly #settings: ConcurrencySettings;
  readonly #queue: WaitingQueue;
  /** What waits behind the delivery in front of each key; a key that has none in front is not there. */
  readonly #lanes = new Map<string, FifoQueue | undefined>();
  readonly #threshold: number;
  readonly #lag: Lag;
  #running = 0;
  #inLanes = 0;
  #order = 0;
  #high = false;
  #draining = false;
  #cancelled = 0;

  constructor(owner: InboxOwner, settings: ConcurrencySettings) {
    this.#owner = owner;
    this.#settings = settings;
    this.#queue = settings.queueStrategy === 'priority' ? new PriorityQueue() : new FifoQueue();
    this.#threshold = Math.max(1, Math.ceil(settings.queueLimit * settings.backpressureThreshold));
    this.#lag = new Lag(this.#threshold);
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#queue.size + this.#inLanes;
  }

  /** Whether as many events wait as the threshold says. */
  get underPressure(): boolean {
    return this.#high;
  }

  /** Takes a delivery: runs it, lets it wait, or refuses it. */
  submit(delivery: Delivery): HappenError | undefined {
    const { key } = delivery;
    const inFront = key === undefined || !this.#lanes.has(key);
    if (inFront && this.#running < this.#settings.maxConcurrent && this.#queue.size === 0) {
      if (key !== undefined) this.#lanes.set(key, undefined);
      this.#running++;
      this.#owner.begin(delivery);
      return undefined;
    }
    if (this.waiting >= this.#settings.queueLimit && !this.#makeRoom()) {
      return new HappenError(
        'HAPPEN_QUEUE_FULL',
        `The queue of node "${this.#owner.id}" is full: ${this.waiting} events wait. Send less at once, or raise concurrency.queueLimit.`,
        { details: { node: this.#owner.id, limit: this.#settings.queueLimit } },
      );
    }
    delivery.extras.order = this.#order++;
    delivery.extras.queue = this;
    if (delivery.cancelled !== undefined) this.gaveUp();
    // What stood in front of its key may just have made room.
    if (key === undefined || !this.#lanes.has(key)) {
      if (key !== undefined) this.#lanes.set(key, undefined);
      this.#queue.push(delivery);
    } else {
      this.#waitBehind(key, delivery);
    }
    const { waiting } = this;
    if (!this.#high && waiting >= this.#threshold) {
      this.#high = true;
      this.#owner.pressure(true, waiting);
    }
    if (waiting >= this.#lag.nextAt) this.#owner.fellBehind(this.#lag.grown(waiting), waiting);
    return undefined;
  }

  /** The asker of something that waits has given up. */
  gaveUp(): void {
    this.#cancelled++;
  }

  /** Gives the slot of an ended delivery back, and its key. */
  release(delivery: Delivery): void {
    this.#running--;
    const { key } = delivery;
    if (key !== undefined) this.#freeKey(key);
    if (!this.#draining && (this.#queue.size > 0 || this.#high)) this.#drain();
    if (this.#running === 0 && this.waiting === 0) this.#owner.idle();
  }

  /** Gives the slot of a delivery back of which only a stream is left; its key stays taken until `releaseKey`. */
  releaseSlot(): void {
    this.#running--;
    if (!this.#draining) this.#drain();
  }

  /** The stream is over that was left of a delivery. */
  releaseKey(delivery: Delivery): void {
    const { key } = delivery;
    if (key !== undefined) {
      this.#freeKey(key);
      if (!this.#draining) this.#drain();
    }
    if (this.#running === 0 && this.waiting === 0) this.#owner.idle();
  }

  /** Takes every waiting delivery out. */
  *takeWaiting(): Generator<Delivery> {
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) yield this.#leaves(next);
    const lanes = [...this.#lanes.values()];
    this.#lanes.clear();
    this.#inLanes = 0;
    for (const lane of lanes) {
      for (let next = lane?.pop(); next !== undefined; next = lane?.pop()) yield this.#leaves(next);
    }
    this.#lookWhetherOver();
  }

  #waitBehind(key: string, delivery: Delivery): void {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new FifoQueue();
      this.#lanes.set(key, lane);
    }
    lane.push(delivery);
    this.#inLanes++;
  }

  #freeKey(key: string): void {
    const next = this.#lanes.get(key)?.pop();
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
      this.#leaves(next);
      if (next.cancelled !== undefined) {
        this.#drop(next, next.cancelled);
        continue;
      }
      this.#running++;
      this.#owner.begin(next);
    }
    this.#draining = false;
    this.#eased();
  }

  /** It waits no longer, whatever becomes of it. */
  #leaves(delivery: Delivery): Delivery {
    delivery.extras.queue = undefined;
    if (delivery.cancelled !== undefined) this.#cancelled--;
    return delivery;
  }

  #drop(delivery: Delivery, reason: HappenError): void {
    this.#owner.dropped(delivery);
    delivery.refuse(reason);
    if (delivery.key !== undefined) this.#freeKey(delivery.key);
  }

  /** Whether what nobody waits for any more has made room. */
  #makeRoom(): boolean {
    const { queueLimit } = this.#settings;
    if (this.#cancelled === 0 || this.#cancelled < queueLimit / leastShareCancelled) return false;
    for (const lane of this.#lanes.values()) {
      for (const delivery of lane?.takeCancelled() ?? []) {
        this.#inLanes--;
        this.#leaves(delivery);
        this.#owner.dropped(delivery);
        delivery.refuse(delivery.cancelled as HappenError);
      }
    }
    for (const delivery of this.#queue.takeCancelled())
      this.#drop(this.#leaves(delivery), delivery.cancelled as HappenError);
    this.#eased();
    return this.waiting < queueLimit;
  }

  #eased(): void {
    if (this.#high && this.waiting < this.#threshold) {
      this.#high = false;
      this.#owner.pressure(false, this.waiting);
    }
    this.#lookWhetherOver();
  }

  #lookWhetherOver(): void {
    if (this.waiting > this.#lag.overAt) return;
    this.#lag.over();
    this.#owner.caughtUp();
  }
}
