/** An extension that looks at everything and changes nothing: no clause may tell that it is there. */
import { expect } from 'vitest';
import { defineExtension, type Extension } from '../../src/index.js';
import { until } from './observing.js';
import { talkingSuite } from './suite.js';
import { oneSpace, type OpenWorld, twoSpaces } from './worlds.js';

/** The same world, every space of which is watched; soon after it is closed, everything that was begun has ended, once. */
function watched(open: OpenWorld): OpenWorld {
  return async (request = {}) => {
    const running = new Set<object>();
    let endedTwice = 0;
    const begin = () => {
      const one = {};
      running.add(one);
      return { ended: () => void (running.delete(one) || endedTwice++) };
    };
    const watching = defineExtension({
      name: 'watching',
      install: () => ({
        node: () => ({}),
        flow: () => ({ within: (part: () => void) => part(), streaming() {}, ...begin() }),
        emission: () => ({ stamped() {}, ...begin() }),
      }),
    });
    const extensions = [watching, ...((request.config?.extensions ?? []) as readonly Extension[])];
    const world = await open({
      ...request,
      config: { ...request.config, extensions: extensions as readonly Extension[] as [] },
    });
    return {
      ...world,
      async [Symbol.asyncDispose]() {
        await world[Symbol.asyncDispose]();
        // What a close cuts off may be told a few turns after it.
        await until('everything that was begun has ended', () => running.size === 0);
        expect({ running: running.size, endedTwice }).toEqual({ running: 0, endedTwice: 0 });
      },
    };
  };
}

talkingSuite('within one space that is watched', watched(oneSpace({ tracking: 'explicit', isolation: 'freeze' })));
talkingSuite('across two spaces that are watched', watched(twoSpaces({ tracking: 'automatic', isolation: 'copy' })));
