import { type VirtualClock, virtualClock } from '../../../testing/src/clock/virtual-clock.js';
import { initializeHappen, type MemoryHub, memoryHub, type MemoryHubOptions, type Transport } from '../../src/index.js';
import type { TestNode, TestSpace } from './worlds.js';

/** Two spaces on a hub, with a node in each, under one clock. */
export interface Pair extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly hub: MemoryHub;
  readonly transports: readonly [Transport, Transport];
  readonly spaces: readonly [TestSpace, TestSpace];
  readonly a: TestNode;
  readonly b: TestNode;
  /** Lets the clock run until a promise is settled. */
  settled<T>(promise: PromiseLike<T>): Promise<T>;
}

export async function pair(
  options: MemoryHubOptions = {},
  wrap: (transport: Transport) => Transport = (transport) => transport,
): Promise<Pair> {
  const clock = virtualClock();
  const hub = memoryHub({ ...options, clock });
  const transports = [hub.transport(), hub.transport()] as const;
  const spaces = transports.map((transport) =>
    initializeHappen({ clock, isolation: 'freeze', transport: wrap(transport) as typeof transport }),
  ) as unknown as [TestSpace, TestSpace];
  await Promise.all(spaces.map(({ ready }) => ready()));
  return {
    clock,
    hub,
    transports,
    spaces,
    a: spaces[0].createNode('a'),
    b: spaces[1].createNode('b'),
    async settled(promise) {
      let done = false;
      const finished = Promise.resolve(promise).finally(() => (done = true));
      finished.catch(() => {});
      for (let ms = 0; !done && ms < 3_600_000; ms += 5) await clock.advance(5);
      return finished;
    },
    async [Symbol.asyncDispose]() {
      const closed = Promise.all(spaces.map(({ close }) => close({ timeout: 1 })));
      await clock.advance(1_000);
      await closed;
    },
  };
}
