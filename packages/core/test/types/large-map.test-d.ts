// Maps of several hundred types stay within what the compiler can hold.
import { type HappenEvent, initializeHappen } from '../../src/index.js';
import { expectTypeOf } from 'vitest';

type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;
type Large = {
  [K in `domain${Digit}.entity${Digit}.action${Digit}`]: (payload: { type: K }) => {
    outcome: 'done' | 'refused';
    of: K;
  };
};
type LargeBroadcasts = { [K in `told${Digit}.of${Digit}.what${Digit}`]: (payload: { type: K }) => void };

const large = initializeHappen<LargeBroadcasts>().createNode<Large>('large');

large.on('domain1.entity2.action3', (event) => {
  expectTypeOf(event).toEqualTypeOf<HappenEvent<'domain1.entity2.action3', { type: 'domain1.entity2.action3' }>>();
  return { outcome: 'done', of: event.type };
});
// @ts-expect-error a wrong result
large.on('domain1.entity2.action3', () => ({ outcome: 'done', of: 'domain1.entity2.action4' }));
large.on('told1.of2.what3', (event) => {
  expectTypeOf(event.payload).toEqualTypeOf<{ type: 'told1.of2.what3' }>();
});
large.on('domain1.*.action3', (event) => {
  expectTypeOf(event.type).toEqualTypeOf<`domain1.entity${Digit}.action3`>();
});
large.on('**', (event) => {
  expectTypeOf(event.type).toEqualTypeOf<keyof Large | keyof LargeBroadcasts>();
});
large.broadcast({ type: 'told1.of2.what3', payload: { type: 'told1.of2.what3' } });

async function talking(): Promise<void> {
  const answer = await large.send(large, {
    type: 'domain7.entity7.action7',
    payload: { type: 'domain7.entity7.action7' },
  });
  expectTypeOf(answer).toEqualTypeOf<{ outcome: 'done' | 'refused'; of: 'domain7.entity7.action7' }>();
}

export { talking };
