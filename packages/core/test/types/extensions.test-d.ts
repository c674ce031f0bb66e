// Members that extensions give to nodes, typed by each node's own events and state.
import { defineExtension, type Extension, initializeHappen } from '../../src/index.js';
import { expectTypeOf } from 'vitest';
import type { OrderEvents, OrderState } from './order-events.js';

// --- an extension that knows nothing of its node

interface CounterExtension extends Extension {
  readonly members: { readonly counter: { readonly value: number; add(by?: number): number } };
}
declare function counter(): CounterExtension;

// --- one that reads the node's state, as keeping state will

interface Views {
  collect(shape: Record<string, (state: any) => any>): any;
  readonly [id: string]: any;
}
interface StateApi<S> {
  get(): S;
  get<R>(select: (state: S) => R): R;
  set(transform: (state: S, views: Views) => S): PromiseLike<void>;
  set(value: S): PromiseLike<void>;
}
interface StateMembers<S> {
  readonly state: StateApi<S>;
}
interface StateExtension extends Extension {
  readonly members: StateMembers<this['State']>;
}
declare function state(): StateExtension;

// --- one that adds to the same member, as looking back in time will

interface SnapshotContext {
  readonly id: string;
  readonly causationId?: string;
  readonly correlationId: string;
  readonly sender: string;
  readonly timestamp: number;
  readonly eventType: string;
}
/** Reads like its id, without being comparable with a string. */
type MatcherArgument = SnapshotContext &
  Pick<string, 'startsWith' | 'endsWith' | 'includes' | 'match' | 'indexOf' | 'slice'>;
interface Snapshot<S> {
  readonly state: S;
  readonly context: SnapshotContext;
}
interface Snapshots<S> extends ReadonlyArray<Snapshot<S>>, Snapshot<S> {}
interface WhenApi<S> {
  when(matcher: string | ((event: MatcherArgument) => boolean)): Promise<Snapshots<S>>;
  when<R>(
    matcher: string | ((event: MatcherArgument) => boolean),
    callback: (snapshots: Snapshots<S>) => R,
  ): Promise<R | undefined>;
}
interface TemporalMembers<S> {
  readonly state: WhenApi<S>;
}
interface TemporalExtension extends Extension {
  readonly members: TemporalMembers<this['State']>;
}
declare function temporal(): TemporalExtension;

// --- one that reads the node's events

interface TypesMembers<M> {
  readonly types: readonly (keyof M)[];
}
interface TypesExtension extends Extension {
  readonly members: TypesMembers<this['Events']>;
}
declare function types(): TypesExtension;

const happen = initializeHappen({ extensions: [state(), temporal(), counter(), types()] });
const orders = happen.createNode<OrderEvents, OrderState>('orders');
const plain = initializeHappen().createNode('plain');

async function extended(): Promise<void> {
  const kept = orders.state.get();
  expectTypeOf(kept).toEqualTypeOf<OrderState>();
  const selected = orders.state.get((all) => Object.keys(all.orders));
  expectTypeOf(selected).toEqualTypeOf<string[]>();
  await orders.state.set((all) => ({ ...all, orders: {} }));
  await orders.state.set({ orders: {} });
  await orders.state.when(
    (event) => event.causationId === 'evt' || event.startsWith('p'),
    (snapshots) => {
      expectTypeOf(snapshots.state).toEqualTypeOf<OrderState>();
      return [snapshots[0], snapshots.state.orders];
    },
  );
  // @ts-expect-error an id is compared by .id, never with ===
  await orders.state.when((event) => event === 'evt-1');
  // @ts-expect-error a state of another shape
  orders.state.set({ orders: 5 });
  expectTypeOf(orders.counter.value).toEqualTypeOf<number>();
  expectTypeOf(orders.types).toEqualTypeOf<readonly (keyof OrderEvents)[]>();
}

// context.node has the members too
orders.on('order.submitted', (_event, context) => {
  const kept = context.node.state.get();
  expectTypeOf(kept).toEqualTypeOf<OrderState>();
  context.node.counter.add(1);
  return { accepted: kept.orders !== undefined };
});

// a node left untyped has a state left untyped
const untyped = initializeHappen({ extensions: [state()] }).createNode('u');
untyped.state.set((all) => ({ ...all, orders: { ...all.orders } }));
void untyped.state.get().anything.at.all;
untyped.state.set((all, views) => ({
  ...all,
  customer: views['customer'].get(),
  both: views.collect({ a: (s) => s.x }),
}));

// @ts-expect-error without the extension there is no such member
void plain.state;
// @ts-expect-error nor is there on a node of a space that installed another one
void untyped.counter;
// @ts-expect-error what is no extension can't be installed
initializeHappen({ extensions: [{ name: 'x' }] });

// what exists at run time is checked against the extension's type by whoever defines it
defineExtension<CounterExtension>({ name: 'counter', install: () => ({ node: ({ id }) => ({ counter: id }) }) });
// @ts-expect-error a name is needed
defineExtension<CounterExtension>({ install: () => ({}) });

export { extended };
