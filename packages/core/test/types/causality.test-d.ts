// What can be asked of causes, and what is started without one.
import { initializeHappen } from '../../src/index.js';
import { expectTypeOf } from 'vitest';

const { detached } = initializeHappen();

expectTypeOf(detached(() => 7)).toEqualTypeOf<number>();
expectTypeOf(detached(async () => 'text')).toEqualTypeOf<Promise<string>>();
// @ts-expect-error a function is called, nothing else
detached(7);
