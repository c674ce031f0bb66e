// What the hooks of an extension are given, and what they may give back.
import { expectTypeOf } from 'vitest';
import { defineExtension, type HappenError, type HappenEvent, initializeHappen } from '../../src/index.js';

// an extension that only looks on needs no type of its own
const { createNode } = initializeHappen({
  extensions: [
    defineExtension({
      name: 'looking-on',
      install: ({ clock }) => ({
        flow({ node, handled, context }) {
          expectTypeOf(node).toEqualTypeOf<string>();
          expectTypeOf(handled).toEqualTypeOf<HappenEvent | readonly HappenEvent[]>();
          context['startedAt'] = clock.now();
          return {
            ended({ value, error }) {
              expectTypeOf(value).toEqualTypeOf<unknown>();
              expectTypeOf(error).toEqualTypeOf<HappenError | undefined>();
            },
          };
        },
        emission({ target, events, addContext }) {
          expectTypeOf(target).toEqualTypeOf<string | undefined>();
          // @ts-expect-error what a sender wrote is not the hook's to change
          events[0] = { type: 'other' };
          addContext({ trail: 'x' });
        },
      }),
    }),
  ],
});

// and adds nothing to nodes
const node = createNode('a');
node.on('x', () => 1);
// @ts-expect-error no extension gives nodes a state here
void node.state;

defineExtension({
  name: 'wrong',
  // @ts-expect-error a watch has no such member
  install: () => ({ flow: () => ({ finished: () => {} }) }),
});
