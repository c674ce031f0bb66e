import type { Latencies, LatencyMetrics } from '../metrics/latencies.js';
import type { NodeCore } from '../node/node-core.js';
import type { NodeCounts } from '../node/node-host.js';
import type { StreamCounts, TalkCounts } from '../talk/host.js';
import type { LinkCounts } from '../link/link-host.js';

/** What a space has counted since it was made. */
export interface SpaceMetrics {
  readonly talk: Readonly<TalkCounts>;
  readonly nodes: Readonly<NodeCounts>;
  /** `undefined` without a transport. */
  readonly link: Readonly<LinkCounts> | undefined;
  readonly queues: { readonly [nodeId: string]: { readonly running: number; readonly waiting: number } };
  readonly streams: {
    /** Streams of this space's nodes that wait for their consumers, and so hold no slot. */
    readonly open: number;
    /** Items of broadcast streams that receivers were too slow for, counted where the stream is made. */
    readonly dropped: number;
  };
  /** How long things took; `undefined` unless the config of the space says `metrics: { latencies: true }`. */
  readonly latencies: LatencyMetrics | undefined;
}

export type SpaceCounts = TalkCounts & NodeCounts & StreamCounts;

export function noCounts(): SpaceCounts {
  return {
    sent: 0,
    broadcast: 0,
    requests: 0,
    failedRequests: 0,
    droppedItems: 0,
    handled: 0,
    handlerFailures: 0,
    notAccepted: 0,
    unhandled: 0,
    queueFull: 0,
    schemaRejected: 0,
  };
}

/** The metrics as they are now; later counting does not change what is given back. */
export function takeMetrics(
  counts: SpaceCounts,
  linkCounts: LinkCounts | undefined,
  cores: readonly NodeCore[],
  latencies: Latencies | undefined,
): SpaceMetrics {
  const { sent, broadcast, requests, failedRequests } = counts;
  const { handled, handlerFailures, notAccepted, unhandled, queueFull, schemaRejected } = counts;
  // a node may have any id, `__proto__` included
  const queues = Object.create(null) as Record<string, { running: number; waiting: number }>;
  let open = 0;
  for (const core of cores) {
    queues[core.id] = { running: core.running, waiting: core.waiting };
    open += core.streaming;
  }
  return {
    talk: { sent, broadcast, requests, failedRequests },
    nodes: { handled, handlerFailures, notAccepted, unhandled, queueFull, schemaRejected },
    link: linkCounts === undefined ? undefined : { ...linkCounts, refused: { ...linkCounts.refused } },
    queues,
    streams: { open, dropped: counts.droppedItems },
    latencies: latencies?.metrics(),
  };
}
