import type { Address, Clock, ConnectionStatus, Transport, TransportHost } from '../../src/index.js';

/** A clock whose timers run when told to, in the order of their times. */
export interface HandClock extends Clock {
  advance(ms: number): void;
  readonly waiting: number;
}

export function handClock(): HandClock {
  let now = 0;
  let set = 0;
  const timers = new Map<number, { readonly due: number; readonly callback: () => void }>();
  return {
    now: () => now,
    setTimer(delayMs, callback) {
      const id = ++set;
      timers.set(id, { due: now + Math.max(0, delayMs), callback });
      return { clear: () => void timers.delete(id) };
    },
    advance(ms) {
      const until = now + ms;
      for (;;) {
        const [next] = [...timers]
          .filter(([, { due }]) => due <= until)
          .sort(([a, x], [b, y]) => x.due - y.due || a - b);
        if (next === undefined) break;
        timers.delete(next[0]);
        now = next[1].due;
        next[1].callback();
      }
      now = until;
    },
    get waiting() {
      return timers.size;
    },
  };
}

/** What a host was told, and by whom. */
export interface Told {
  readonly status: ConnectionStatus[];
  readonly reasons: (string | undefined)[];
  readonly undeliverable: { readonly to: Address; readonly frame: Uint8Array }[];
  readonly errors: object[];
}

let instances = 0;

/** A started transport, with what its host is told. */
export interface Space {
  readonly transport: Transport;
  readonly told: Told;
  readonly host: TransportHost;
}

export async function started(transport: Transport, clock: Clock = handClock()): Promise<Space> {
  const told: Told = { status: [], reasons: [], undeliverable: [], errors: [] };
  const host: TransportHost = {
    instance: `instance-${++instances}`,
    clock,
    logger: { debug() {}, info() {}, warn() {}, error: (details) => void told.errors.push(details) },
    undeliverable: (to, frame) => void told.undeliverable.push({ to, frame }),
    status: (status, reason) => {
      told.status.push(status);
      told.reasons.push(reason);
    },
  };
  await transport.start(host);
  return { transport, told, host };
}

/** Lets every microtask that is queued, and those they queue, run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

export const toNode = (id: string): Address & { kind: 'node' } => ({ kind: 'node', id });
export const toInstance = (id: string): Address & { kind: 'instance' } => ({ kind: 'instance', id });
export const toAll = (type: string): Address => ({ kind: 'broadcast', type, sender: 'someone' });
export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
