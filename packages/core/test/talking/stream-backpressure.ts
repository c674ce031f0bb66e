import { expect } from 'vitest';
import { heldMegabytes } from '../hardening/garbage.js';
import type { Clause } from './clause.js';
import { turn } from './worlds.js';

const yields = 1_000_000;

/**
 * An endless generator, a million of whose items are taken by a consumer that is a hundred times slower: what is held in
 * memory stays where it was. It takes a while, so it is no clause of the suite; any world can run it.
 */
export const slowConsumer: Clause = async (open) => {
  await using world = await open();
  const [a, b] = [world.node('a'), world.node('b')];
  let [made, taken, most] = [0, 0, 0];
  b.on('endless', function* () {
    for (;;) yield { made: ++made, text: 'some text of each item' };
  });
  const pace = paceOf(yields / 100);
  const before = await heldMegabytes();
  for await (const item of a.send(b, { type: 'endless' })) {
    if (item.made !== ++taken) throw new Error(`item ${taken} is number ${item.made}`);
    // What the generator would make in this time, if it were let.
    if (taken % 100 === 0) await pace();
    if (taken % 100_000 === 0) most = Math.max(most, (await heldMegabytes()) - before);
    if (taken === yields) break;
  }
  expect(made).toBeGreaterThanOrEqual(yields);
  expect(made - taken).toBeLessThanOrEqual(256);
  expect(most).toBeLessThanOrEqual(20);
};

/** Lets as much time pass as a generator takes for so many items, spread over calls for a hundredth each. */
function paceOf(items: number): () => Promise<void> {
  const generator = (function* () {
    for (let made = 0; ; made++) yield { made, text: 'some text of each item' };
  })();
  return async () => {
    for (let i = 0; i < items; i++) generator.next();
    await turn();
  };
}
