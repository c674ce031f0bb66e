// What a scenario knows of its spaces, by inference alone.
import { defineExtension, type Node, type Space } from '@happen/core';
import { expectTypeOf } from 'vitest';
import { simulate, type SimulatedSpace, type SimulationError, type SimulationReport } from '../../src/index.js';

type Orders = { 'order.placed'(order: { readonly id: number }): 'reserved' | 'sold out' };
declare function wire(happen: Space): { readonly stock: number };
declare const error: SimulationError;

const running = simulate({ seeds: { from: 1, count: 10 }, faults: { drop: false } }, async ({ space, random }) => {
  // What `build` returns is what there is.
  const warehouse = space('warehouse', ({ open }) => wire(open()), { crashes: true });
  expectTypeOf(warehouse).toEqualTypeOf<SimulatedSpace<{ readonly stock: number }>>();
  expectTypeOf(warehouse.current.stock).toEqualTypeOf<number>();

  // `open` is `initializeHappen`: broadcasts and extensions show in its types.
  const shop = space('shop', ({ open }) => open<{ news(text: string): void }>().createNode<Orders>('shop'));
  expectTypeOf(shop.current).toExtend<Node<Orders>>();
  shop.current.broadcast({ type: 'news', payload: 'open' });
  // @ts-expect-error news are text
  shop.current.broadcast({ type: 'news', payload: 7 });
  const extension = defineExtension({ name: 'x', install: () => ({}) });
  expectTypeOf(space('extended', ({ open }) => open({ extensions: [extension] })).current.close).toBeFunction();

  // A `build` may return a promise, which is the scenario's to await.
  const later = space('later', async ({ restarts }) => restarts);
  expectTypeOf(later.current).toEqualTypeOf<Promise<number>>();

  expectTypeOf(random.pick(['a', 'b'])).toEqualTypeOf<string>();
});
expectTypeOf(running).toEqualTypeOf<Promise<SimulationReport>>();

// A replay is options, as they are.
void simulate(error.failure.replay, () => {});
// @ts-expect-error there is no such fault
void simulate({ faults: { losses: 0.1 } }, () => {});
