import { initializeHappen, memoryHub, type NodeOptions, type Space, type SpaceConfig } from '@happen/core';

/** Somewhere nodes live. The guide promises that the code of a node can't tell one place from another. */
export interface Place extends AsyncDisposable {
  readonly createNode: Space['createNode'];
  /** Resolves once every node made so far can be reached from every other one. */
  ready(): Promise<void>;
}

/** What holds for every space of a place. */
export type PlaceConfig = Omit<SpaceConfig<[]>, 'transport'>;

/** Every place the examples about talking are run in. */
export const places: readonly { readonly label: string; readonly open: (config?: PlaceConfig) => Place }[] = [
  { label: 'within one space', open: oneSpace },
  { label: 'with a space for each node, joined by a hub', open: spaceForEach },
];

function oneSpace(config: PlaceConfig = {}): Place {
  const happen = initializeHappen(config);
  return {
    createNode: happen.createNode,
    ready: () => happen.ready(),
    [Symbol.asyncDispose]: () => happen[Symbol.asyncDispose](),
  };
}

function spaceForEach(config: PlaceConfig = {}): Place {
  const hub = memoryHub();
  const spaces: Space[] = [];
  return {
    createNode: (id: string, options?: NodeOptions) => {
      const happen = initializeHappen({ ...config, transport: hub.transport() });
      spaces.push(happen);
      // of the overloads, whichever was called
      return happen.createNode(id, options) as never;
    },
    ready: async () => {
      await Promise.all(spaces.map((happen) => happen.ready()));
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(spaces.map((happen) => happen[Symbol.asyncDispose]()));
    },
  };
}
