import type { ConnectionStatus } from '../ports/transport.js';
import type { NodeCore } from '../node/node-core.js';

/** How a space is, at the moment. */
export interface SpaceHealth {
  /** `ok`; `degraded`: it works, but not as it should; `down`: nothing is taken in, or can be reached, any more. */
  readonly status: 'ok' | 'degraded' | 'down';
  /**
   * For a liveness probe: `false` when only a new start helps, because the space is closed, or its transport could not be
   * started or has closed for good.
   */
  readonly live: boolean;
  /** For a readiness probe: `false` while the transport is not connected, or the space is closed or being closed. */
  readonly ready: boolean;
  /** Why it is not `ok`; empty when it is. */
  readonly reasons: readonly HealthReason[];
}

/** One thing that is not as it should be. */
export interface HealthReason {
  /**
   * `connecting`, `disconnected`, `reconnecting`, `connection-closed`: the transport. `backpressure`: as many events wait at
   * `node` as its `backpressureThreshold` says. `closing`, `closed`: the space.
   */
  readonly code:
    | 'connecting'
    | 'disconnected'
    | 'reconnecting'
    | 'connection-closed'
    | 'backpressure'
    | 'closing'
    | 'closed';
  /** For people. */
  readonly message: string;
  /** The node concerned, of `backpressure`. */
  readonly node?: string;
  /** How many events wait there. */
  readonly waiting?: number;
}

/** What the connection of a space was last heard to be. */
export interface ConnectionState {
  /** `none` without a transport, `connecting` until it has started. */
  readonly status: ConnectionStatus | 'none' | 'connecting';
  readonly reason: string | undefined;
}

/** Looks at what a space says of itself. */
export function healthOf(
  state: 'open' | 'closing' | 'closed',
  connection: ConnectionState,
  cores: readonly NodeCore[],
): SpaceHealth {
  if (state === 'closed') {
    return {
      status: 'down',
      live: false,
      ready: false,
      reasons: [{ code: 'closed', message: 'The space is closed.' }],
    };
  }
  const reasons: HealthReason[] = [];
  if (state === 'closing') reasons.push({ code: 'closing', message: 'The space is being closed.' });
  const link = linkReason(connection);
  if (link !== undefined) reasons.push(link);
  for (const { id, waiting, underPressure } of cores) {
    if (!underPressure) continue;
    reasons.push({ code: 'backpressure', message: `${waiting} events wait at node "${id}".`, node: id, waiting });
  }
  const isCutOff = link?.code === 'connection-closed' && state === 'open';
  const status = state === 'closing' || isCutOff ? 'down' : reasons.length > 0 ? 'degraded' : 'ok';
  return { status, live: !isCutOff, ready: state === 'open' && link === undefined, reasons };
}

function linkReason({ status, reason }: ConnectionState): HealthReason | undefined {
  const why = reason === undefined ? '.' : `: ${reason}`;
  switch (status) {
    case 'none':
    case 'connected':
    case 'reconnected':
      return undefined;
    case 'connecting':
      return { code: 'connecting', message: 'The transport is not connected yet.' };
    case 'disconnected':
      return { code: 'disconnected', message: `The transport is disconnected${why}` };
    case 'reconnecting':
      return { code: 'reconnecting', message: `The transport is disconnected and tries again${why}` };
    case 'closed':
      return { code: 'connection-closed', message: `The transport is closed${why}` };
  }
}
