/**
 * How long events wait and are handled at each node, and how long answers take.
 *
 * Invariants:
 * 1. What was recorded is never lost from the totals, whatever becomes of the nodes.
 * 2. At most so many nodes and targets have histograms of their own; the others share one.
 */
import type { Clock } from '../ports/clock.js';
import { Histogram, type LatencySummary } from './histogram.js';
import { monotonic } from '../ports/monotonic.js';

/** How long things took since the space was made. */
export interface LatencyMetrics {
  /** From an event's arrival at a node to the start of its first flow: the time in the queue. */
  readonly waiting: LatencySummary;
  /** From the start of the first flow to the end of the last one, that of a stream included. */
  readonly handling: LatencySummary;
  /** From the dispatch of a request to its answer or failure, a timeout included, as the asker sees it. */
  readonly roundTrip: LatencySummary;
  /** The same by node of the space, while it lives; the first 1 000. */
  readonly nodes: {
    readonly [nodeId: string]: { readonly waiting: LatencySummary; readonly handling: LatencySummary };
  };
  /** Round trips by the node that was asked, wherever it lives; the first 1 000. */
  readonly targets: { readonly [nodeId: string]: LatencySummary };
}

/** What is recorded of one node. */
export class NodeLatencies {
  readonly waiting = new Histogram();
  readonly handling = new Histogram();

  add(other: NodeLatencies): void {
    this.waiting.add(other.waiting);
    this.handling.add(other.handling);
  }
}

const mostNodes = 1_000;

export class Latencies {
  /** Milliseconds from any moment on, which do not go back where the clock can help it. */
  readonly now: () => number;
  readonly #nodes = new Map<string, NodeLatencies>();
  readonly #otherNodes = new NodeLatencies();
  readonly #targets = new Map<string, Histogram>();
  readonly #otherTargets = new Histogram();

  constructor(clock: Clock) {
    this.now = () => monotonic(clock);
  }

  /** Where a new node records. */
  node(id: string): NodeLatencies {
    if (this.#nodes.size >= mostNodes) return this.#otherNodes;
    const latencies = new NodeLatencies();
    this.#nodes.set(id, latencies);
    return latencies;
  }

  /** The node is closed: what it recorded stays in the totals. */
  nodeGone(id: string): void {
    const gone = this.#nodes.get(id);
    if (gone === undefined) return;
    this.#nodes.delete(id);
    this.#otherNodes.add(gone);
  }

  /** A request to the node began at `since`, by `now()`, and is over. */
  answered(target: string, since: number): void {
    let histogram = this.#targets.get(target);
    if (histogram === undefined) {
      histogram = this.#targets.size < mostNodes ? new Histogram() : this.#otherTargets;
      if (histogram !== this.#otherTargets) this.#targets.set(target, histogram);
    }
    histogram.record(this.now() - since);
  }

  metrics(): LatencyMetrics {
    const total = new NodeLatencies();
    total.add(this.#otherNodes);
    const roundTrip = new Histogram();
    roundTrip.add(this.#otherTargets);
    // ids may be any text, `__proto__` included
    const nodes = Object.create(null) as Record<string, { waiting: LatencySummary; handling: LatencySummary }>;
    for (const [id, each] of this.#nodes) {
      total.add(each);
      nodes[id] = { waiting: each.waiting.summary(), handling: each.handling.summary() };
    }
    const targets = Object.create(null) as Record<string, LatencySummary>;
    for (const [id, histogram] of this.#targets) {
      roundTrip.add(histogram);
      targets[id] = histogram.summary();
    }
    return {
      waiting: total.waiting.summary(),
      handling: total.handling.summary(),
      roundTrip: roundTrip.summary(),
      nodes,
      targets,
    };
  }
}
