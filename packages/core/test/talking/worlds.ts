/**
 * The worlds the talking suite runs in. A clause makes nodes by name and can't tell where they live: in a world of two
 * spaces the first node lives in one, the second in the other, the third in the first again.
 */
import { MessageChannel } from 'node:worker_threads';
import { messagePortTransport } from '../../src/message-port.js';
import {
  type AnyEvents,
  initializeHappen,
  type Isolation,
  type JoinableTransport,
  memoryHub,
  type Node,
  type NodeOptions,
  type Space,
  type SpaceConfig,
  type SystemEvent,
} from '../../src/index.js';
// The package that holds it depends on this one, so it is no dependency to be declared here.
import type { VirtualClock } from '../../../testing/src/clock/virtual-clock.js';

export type TestSpace = Space;
export type TestNode = Node<AnyEvents, any, [], AnyEvents>;
export type Tracking = 'automatic' | 'explicit';

/** What a clause may ask of its world. */
export interface WorldRequest {
  readonly clock?: VirtualClock;
  /** For every space of the world; transport, isolation and tracking are the world's own. */
  readonly config?: Omit<SpaceConfig<[]>, 'transport' | 'isolation' | 'clock'>;
}

/** Somewhere nodes live. */
export interface World extends AsyncDisposable {
  readonly tracking: Tracking;
  readonly isolation: Isolation;
  /** Whether events between two nodes made one after the other leave their space. */
  readonly crosses: boolean;
  readonly spaces: readonly TestSpace[];
  /** Makes the next node, in the next space. */
  node(id: string, options?: NodeOptions): TestNode;
  /** The space a node of this world lives in. */
  spaceOf(node: { readonly id: string }): TestSpace;
  /** What sends as `node` within a flow, also after an `await`: the node where causes are tracked, else `context.node`. */
  within(node: TestNode, context: { readonly node: unknown }): TestNode;
  /** Listens to the framework's own events in every space; the list grows. */
  heard(pattern: string): SystemEvent[];
  /** Resolves once every node made so far can be reached, and broadcasts reach every handler registered so far. */
  listening(): Promise<void>;
}

export type OpenWorld = (request?: WorldRequest) => Promise<World>;

/** How a memory world is set. */
export interface WorldSettings {
  readonly tracking: Tracking;
  readonly isolation: Isolation;
}

/** All nodes in one space. */
export function oneSpace(settings: WorldSettings): OpenWorld {
  return async (request = {}) => worldOf([initializeHappen(configOf(settings, request))], settings, request.clock);
}

/** Nodes by turns in two spaces on a hub: every event between neighbours goes through frames. */
export function twoSpaces(settings: WorldSettings): OpenWorld {
  return async (request = {}) => {
    const hub = memoryHub();
    const space = (): TestSpace => initializeHappen({ ...configOf(settings, request), transport: hub.transport() });
    const spaces = [space(), space()];
    await Promise.all(spaces.map(({ ready }) => ready()));
    return worldOf(spaces, settings, request.clock);
  };
}

/** As two spaces, whose frames are signed; each knows the keys of the other's nodes by first use. */
export function twoSigningSpaces(settings: WorldSettings): OpenWorld {
  return (request = {}) => twoSpaces(settings)({ ...request, config: { security: { sign: true }, ...request.config } });
}

/** Nodes by turns in two spaces at the two ends of a message channel. */
export function twoEndsOfAChannel(settings: WorldSettings): OpenWorld {
  return async (request = {}) => {
    const { port1, port2 } = new MessageChannel();
    return spacesOver([messagePortTransport(port1), messagePortTransport(port2)], settings, request);
  };
}

/** Nodes by turns in spaces that reach each other through transports whose frames take their time. */
export async function spacesOver(
  transports: readonly JoinableTransport[],
  settings: WorldSettings,
  request: WorldRequest = {},
): Promise<World> {
  const spaces = transports.map(
    (transport): TestSpace => initializeHappen({ ...configOf(settings, request), transport }),
  );
  await Promise.all(spaces.map(({ ready }) => ready()));
  // What an end has told before, the other one knows when this has resolved.
  const listeners = transports.map((transport) => transport.listen('the world', [], () => {}));
  return {
    ...worldOf(spaces, settings, request.clock),
    async listening() {
      await turn();
      await Promise.all(listeners.map((listener) => listener.update([])));
    },
  };
}

/** The settings worlds are run with. */
export const allSettings: readonly WorldSettings[] = [
  { tracking: 'automatic', isolation: 'freeze' },
  { tracking: 'explicit', isolation: 'freeze' },
  { tracking: 'automatic', isolation: 'trust' },
  { tracking: 'explicit', isolation: 'copy' },
];

function configOf({ tracking, isolation }: WorldSettings, { clock, config }: WorldRequest): SpaceConfig<[]> {
  return {
    ...config,
    isolation,
    causality: { ...config?.causality, tracking },
    ...(clock === undefined ? undefined : { clock }),
  };
}

/** A world of spaces that can already reach each other. */
function worldOf(spaces: readonly TestSpace[], { tracking, isolation }: WorldSettings, clock?: VirtualClock): World {
  const homes = new Map<string, TestSpace>();
  return {
    tracking,
    isolation,
    crosses: spaces.length > 1,
    spaces,
    node(id, options) {
      const space = spaces[homes.size % spaces.length] as TestSpace;
      const node = space.createNode(id, options);
      homes.set(id, space);
      return node;
    },
    spaceOf: ({ id }) => homes.get(id) as TestSpace,
    within: (node, context) => (tracking === 'automatic' ? node : (context.node as TestNode)),
    heard(pattern) {
      const events: SystemEvent[] = [];
      for (const space of spaces) space.on(pattern, (event) => void events.push(event));
      return events;
    },
    listening: () => turn(),
    async [Symbol.asyncDispose]() {
      // A clause that failed may have left flows that never end.
      const closed = Promise.all(spaces.map(({ close }) => close({ timeout: 1 })));
      await clock?.advance(1);
      await closed;
    },
  };
}

/** Lets every microtask that is queued, and those they queue, run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
