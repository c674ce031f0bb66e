/**
 * How a space, or one node of it, ends.
 *
 * Invariants:
 * 1. Once closing, nothing enters from outside; what flows send while they finish still goes out, until all is idle or the
 *    time is over.
 * 2. A part that does not stop does not keep the space from closing.
 */
import { HappenError } from '../errors/happen-error.js';
import type { Delivery } from '../flow/delivery.js';
import { FlowRecord } from '../flow/flow-record.js';
import type { AsyncTracker } from '../host/host.js';
import type { Latencies } from '../metrics/latencies.js';
import type { NodeCore } from '../node/node-core.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Store } from '../ports/store.js';
import type { Deadlines } from '../talk/deadlines.js';
import type { Link } from '../link/link.js';
import type { DelayedDispatches } from './delayed-dispatches.js';
import type { Idleness } from './idleness.js';
import type { LocalNodes } from './local-nodes.js';
import { within } from './within.js';
import { monotonic } from '../ports/monotonic.js';

/** A flow that `close` did not wait for any longer. */
export interface Unfinished {
  readonly nodeId: string;
  readonly type: string;
  readonly eventId: string;
}

/** What ends with a space. */
export interface ClosingParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodes: LocalNodes;
  readonly idleness: Idleness;
  readonly delayed: DelayedDispatches;
  readonly deadlines: Deadlines;
  readonly tracker: AsyncTracker<FlowRecord>;
  readonly remote: Link | undefined;
  readonly store: Store | undefined;
  readonly latencies: Latencies | undefined;
}

const defaultTimeoutMs = 10_000;
/** What a transport and a store get at least for stopping, in all. */
const leastStopMs = 1_000;

export class Closing {
  readonly #parts: ClosingParts;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #closed: Promise<{ unfinished: Unfinished[] }> | undefined;
  /** The flows in which somebody waits for the end. */
  readonly #waiting = new Set<Delivery>();

  constructor(parts: ClosingParts) {
    this.#parts = parts;
  }

  get state(): 'open' | 'closing' | 'closed' {
    return this.#state;
  }

  /** @throws HappenError `HAPPEN_CLOSED` when nothing may be sent any more, from this flow or from outside of flows */
  checkOpen(flow: FlowRecord | undefined): void {
    if (this.#state === 'open') return;
    if (this.#state === 'closing' && flow !== undefined && !FlowRecord.isCompleted(flow)) return;
    throw closed();
  }

  /**
   * Closes the space; the first call counts.
   *
   * @param flow the one that it is called in: it is waited for, but does not wait for itself
   */
  close(timeoutMs = defaultTimeoutMs, flow?: FlowRecord): Promise<{ unfinished: Unfinished[] }> {
    const { nodes, idleness } = this.#parts;
    const cores = nodes.cores();
    this.#closed ??= this.#close(timeoutMs);
    const inside = deliveryOf(flow);
    if (inside === undefined) return this.#closed;
    this.#waiting.add(inside);
    const ended = this.#closed;
    const others = idleness.untilOnlyLeftOfAll(cores, this.#waiting, timeoutMs);
    return Promise.race([ended, others.then((so) => (so ? { unfinished: [] } : ended))]);
  }

  /**
   * Closes one node.
   *
   * @param flow the one that it is called in: if that is one of the node's, it is waited for, but does not wait for itself
   */
  async closeNode(core: NodeCore, flow: FlowRecord | undefined): Promise<void> {
    const { nodes, idleness } = this.#parts;
    const entry = nodes.get(core.id);
    if (entry?.core !== core) return;
    entry.closed ??= this.#retire(core);
    const inside = deliveryOf(flow);
    if (inside?.host !== core) {
      await entry.closed;
      return;
    }
    entry.waiting ??= new Set();
    entry.waiting.add(inside);
    await Promise.race([entry.closed, idleness.untilOnlyLeft(core, entry.waiting, defaultTimeoutMs)]);
  }

  async #close(timeoutMs: number): Promise<{ unfinished: Unfinished[] }> {
    const { clock, nodes, idleness, delayed, deadlines, tracker, remote, store } = this.#parts;
    this.#state = 'closing';
    const startedAt = monotonic(clock);
    const cores = nodes.cores();
    for (const core of cores) {
      core.stopIntake();
      remote?.yield(core.id);
    }
    const reason = closed();
    delayed.callOff(reason);
    for (const core of cores) core.signalStreams(reason);
    const left = (await idleness.untilAllIdle(cores, timeoutMs))
      ? []
      : cores.flatMap((core) => core.abort(reason).map((delivery) => unfinished(core, delivery)));
    this.#state = 'closed';
    for (const core of cores) core.shut();
    const endsAt = Math.max(startedAt + timeoutMs, monotonic(clock) + leastStopMs);
    await this.#stopWithin(endsAt, 'transport', () => remote?.stop(reason));
    remote?.abandon(reason);
    deadlines.close();
    await this.#stopWithin(endsAt, 'store', () => store?.close());
    tracker.end();
    return { unfinished: left };
  }

  async #stopWithin(endsAt: number, part: string, stop: () => Promise<void> | undefined): Promise<void> {
    const { clock, logger } = this.#parts;
    const failed = (error: unknown): void => logger.error({ err: error, part }, 'a part could not be stopped');
    try {
      const stopping = stop();
      if (stopping === undefined) return;
      const stopped = await within(clock, Math.max(0, endsAt - monotonic(clock)), stopping, failed);
      if (!stopped) logger.warn({ part }, 'a part did not stop in time');
    } catch (error) {
      failed(error);
    }
  }

  async #retire(core: NodeCore): Promise<void> {
    const { nodes, idleness, remote, latencies } = this.#parts;
    core.stopIntake();
    core.shut();
    remote?.yield(core.id);
    core.signalStreams(closed());
    if (!(await idleness.untilNodeIdle(core, defaultTimeoutMs))) core.abort(closed());
    remote?.detach(core.id);
    nodes.remove(core);
    latencies?.nodeGone(core.id);
  }
}

/** What a flow that still runs is the handling of. */
function deliveryOf(flow: FlowRecord | undefined): Delivery | undefined {
  return flow === undefined || FlowRecord.isCompleted(flow) ? undefined : FlowRecord.deliveryOf(flow).whole;
}

function unfinished(core: NodeCore, delivery: Delivery): Unfinished {
  return { nodeId: core.id, type: delivery.event.type, eventId: delivery.event.context.causal.id };
}

/** The space takes nothing more. */
export function closed(): HappenError {
  return new HappenError('HAPPEN_CLOSED', 'The space is closed, or being closed: it takes nothing more.');
}
