import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Dispatcher } from '../../src/talk/dispatcher.js';

/** Lets the microtasks that are queued now run, and those that they queue not. */
function oneTurn(): Promise<void> {
  return Promise.resolve();
}

function failed(error: Error): never {
  throw error;
}

describe('a dispatcher', () => {
  it('gives what an item throws to that item, and goes on with the others', async () => {
    const log: string[] = [];
    const dispatcher = new Dispatcher(() => void log.push('round'));
    dispatcher.add({
      dispatch: () => {
        throw new Error('no');
      },
      failed: ({ code }) => void log.push(code),
    });
    dispatcher.add({ dispatch: () => void log.push('second'), failed });
    await oneTurn();
    await oneTurn();
    expect(log).toEqual(['HAPPEN_INTERNAL', 'second', 'round']);
  });

  it('dispatches two turns of the microtask queue after the addition', async () => {
    const dispatch = vi.fn();
    const dispatcher = new Dispatcher(() => {});
    dispatcher.add({ dispatch, failed });
    expect(dispatcher.busy).toBe(true);
    await oneTurn();
    expect(dispatch).not.toHaveBeenCalled();
    await oneTurn();
    expect(dispatch).toHaveBeenCalledTimes(1);
    expect(dispatcher.busy).toBe(false);
  });

  it('dispatches in the order of addition and tells when a round is over', async () => {
    const log: unknown[] = [];
    const dispatcher = new Dispatcher(() => void log.push('round'));
    for (const number of [1, 2, 3]) dispatcher.add({ dispatch: () => void log.push(number), failed });
    await oneTurn();
    for (const number of [4, 5]) dispatcher.add({ dispatch: () => void log.push(number), failed });
    await oneTurn();
    expect(log).toEqual([1, 2, 3, 'round']);
    await oneTurn();
    expect(log).toEqual([1, 2, 3, 'round', 4, 5, 'round']);
  });

  it('gives what is added during a round turns of its own', async () => {
    const log: string[] = [];
    const dispatcher = new Dispatcher(() => void log.push(`round, busy: ${dispatcher.busy}`));
    dispatcher.add({
      failed,
      dispatch() {
        log.push('first');
        dispatcher.add({ dispatch: () => void log.push('second'), failed });
      },
    });
    await oneTurn();
    await oneTurn();
    expect(log).toEqual(['first', 'round, busy: true']);
    await oneTurn();
    await oneTurn();
    expect(log).toEqual(['first', 'round, busy: true', 'second', 'round, busy: false']);
  });

  it('never dispatches before what the addition turn queued has run, in order, each once, whenever things are added', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }), async (turnsBetween) => {
        const dispatcher = new Dispatcher(() => {});
        const asked = new Set<number>();
        const dispatched: number[] = [];
        for (const [index, turns] of turnsBetween.entries()) {
          for (let turn = 0; turn < turns; turn++) await oneTurn();
          dispatcher.add({
            failed,
            dispatch() {
              expect(asked.has(index)).toBe(true);
              dispatched.push(index);
            },
          });
          // what an await of a thenable does: its then is called one turn later
          void oneTurn().then(() => asked.add(index));
        }
        await new Promise((resolve) => setImmediate(resolve));
        expect(dispatched).toEqual(turnsBetween.map((_, index) => index));
        expect(dispatcher.busy).toBe(false);
      }),
    );
  });
});
