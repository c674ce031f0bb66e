import { vi } from 'vitest';
import type { HappenError } from '../../src/errors/happen-error.js';
import type { HappenEvent } from '../../src/event/event.js';
import { Delivery, type FlowHost, type FlowTerms } from '../../src/flow/delivery.js';
import { explicitTracker } from '../../src/flow/explicit-tracker.js';
import { systemClock } from '../../src/host/system-clock.js';

/** An event as queues and flows look at it, which is not much. */
export function plainEvent(type = 'work.do'): HappenEvent {
  const causal = { id: 'e', sender: 's', correlationId: 'e', path: [], omittedHops: 0, depth: 0, hash: '' };
  return { type, payload: undefined, context: { causal, origin: { nodeId: 's' } } };
}

/** Nothing is limited. */
export const noTerms: FlowTerms = { receivedAt: 0, deadlineAt: 0, patienceMs: 0, priority: 0, key: undefined };

/** A node that does nothing but hear of its deliveries. */
export function flowHost(changes: Partial<FlowHost> = {}): FlowHost {
  return {
    id: 'host',
    origin: { nodeId: 'host' },
    clock: systemClock,
    tracker: explicitTracker(),
    tracksPromises: false,
    flowInterceptor: undefined,
    streamsEndBy: undefined,
    bound: () => undefined,
    handlerFailed: vi.fn(),
    cameToNothing: vi.fn(),
    ended: vi.fn(),
    onlyStreamLeft: vi.fn(),
    ...changes,
  };
}

const host = flowHost();

/** A delivery for queues, which look at its key and priority. */
export function delivery(
  terms: {
    readonly key?: string | undefined;
    readonly priority?: number;
    readonly rejected?: (error: HappenError) => void;
  } = {},
): Delivery {
  const reply = terms.rejected === undefined ? undefined : { resolve: () => {}, reject: terms.rejected };
  return new Delivery(host, plainEvent(), reply, { ...noTerms, priority: terms.priority ?? 0, key: terms.key });
}
