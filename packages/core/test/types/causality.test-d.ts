// What can be asked of causes, and what is started without one.
import {
  type CausalBranch,
  type CausalEvents,
  type Causality,
  type CausalPath,
  type CausalTree,
  initializeHappen,
  type Trace,
  type TracedEvent,
} from '../../src/index.js';
import { expectTypeOf } from 'vitest';

const { causality, detached } = initializeHappen();

expectTypeOf(detached(() => 7)).toEqualTypeOf<number>();
expectTypeOf(detached(async () => 'text')).toEqualTypeOf<Promise<string>>();
// @ts-expect-error a function is called, nothing else
detached(7);

const { trace, tree, pathToRoot, events } = causality;

expectTypeOf(trace('id')).toEqualTypeOf<Trace | undefined>();
expectTypeOf(tree('order-7')).toEqualTypeOf<CausalTree>();
expectTypeOf(tree('order-7').roots[0]?.effects).toEqualTypeOf<readonly CausalBranch[] | undefined>();
expectTypeOf(pathToRoot('id')).toEqualTypeOf<CausalPath>();
expectTypeOf([events(), events('order-7')]).toEqualTypeOf<CausalEvents[]>();
expectTypeOf(causality).toEqualTypeOf<Causality>();
for (const event of events().events) {
  expectTypeOf(event).toEqualTypeOf<TracedEvent>();
  expectTypeOf(event.target).toEqualTypeOf<string | undefined>();
  // @ts-expect-error no payload is kept
  void event.payload;
  // @ts-expect-error answers can't be changed
  event.depth = 1;
}
// @ts-expect-error ids are texts
trace(7);
initializeHappen({ causality: { memory: 50_000 } });
// @ts-expect-error a count of events
initializeHappen({ causality: { memory: '1MB' } });
