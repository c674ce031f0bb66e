import { initializeHappen, memoryHub, type Space } from '@happen/core';

/** Somewhere nodes live. The guide promises that the code of a node can't tell one place from another. */
export interface Place extends AsyncDisposable {
  readonly createNode: Space['createNode'];
  /** Resolves once every node made so far can be reached from every other one. */
  ready(): Promise<void>;
}

/** Every place the examples about talking are run in. */
export const places: readonly { readonly label: string; readonly open: () => Place }[] = [
  { label: 'within one space', open: oneSpace },
  { label: 'with a space for each node, joined by a hub', open: spaceForEach },
];

function oneSpace(): Place {
  const happen = initializeHappen();
  return {
    createNode: happen.createNode,
    ready: () => happen.ready(),
    [Symbol.asyncDispose]: () => happen[Symbol.asyncDispose](),
  };
}

function spaceForEach(): Place {
  const hub = memoryHub();
  const spaces: Space[] = [];
  return {
    createNode: (id, options) => {
      const happen = initializeHappen({ transport: hub.transport() });
      spaces.push(happen);
      return happen.createNode(id, options);
    },
    ready: async () => {
      await Promise.all(spaces.map((happen) => happen.ready()));
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(spaces.map((happen) => happen[Symbol.asyncDispose]()));
    },
  };
}
