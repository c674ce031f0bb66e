import { describe, expect, it, vi } from 'vitest';
import { HappenError } from '../../src/errors/happen-error.js';
import { Delivery, type FlowHost, type ReplySink } from '../../src/flow/delivery.js';
import { FlowRecord } from '../../src/flow/flow-record.js';
import type { AnyStep } from '../../src/flow/step.js';
import { handClock } from '../host/hand-clock.js';
import { flowHost, noTerms, plainEvent } from './deliveries.js';

/** Starts a delivery with these registrations; everything the outside hears of it is in the spies. */
function start(handlers: readonly unknown[], changes: Partial<FlowHost> = {}) {
  let over = (): void => {};
  const end = new Promise<void>((resolve) => {
    over = resolve;
  });
  const host = { ended: vi.fn(over), handlerFailed: vi.fn(), ...changes };
  const reply = { resolve: vi.fn<ReplySink['resolve']>(), reject: vi.fn<ReplySink['reject']>() };
  const delivery = new Delivery(flowHost(host), plainEvent(), reply, noTerms);
  delivery.start(handlers.map((handler) => ({ handler: handler as AnyStep })));
  const heard = (): unknown[] => [...reply.resolve.mock.calls.flat(), ...reply.reject.mock.calls.flat()];
  const ended = async (): Promise<void> => {
    await end;
    // a second end would come by the next turn
    await new Promise((resolve) => setImmediate(resolve));
    expect(delivery.ended).toBe(true);
    expect(host.ended).toHaveBeenCalledExactlyOnceWith(delivery);
    expect(heard()).toHaveLength(1);
  };
  return { delivery, reply, host, heard, ended };
}

describe('a flow', () => {
  it('of synchronous steps is over when start returns', () => {
    const { delivery, reply } = start([() => () => () => 'done']);
    expect(delivery.ended).toBe(true);
    expect(reply.resolve).toHaveBeenCalledExactlyOnceWith('done');
  });

  it('runs what a step returns next, with the same event and context, promises awaited', async () => {
    const seen: unknown[][] = [];
    const second = (...parameters: unknown[]) => {
      seen.push(parameters);
      return Promise.resolve(third);
    };
    const third = (...parameters: unknown[]) => void seen.push(parameters);
    const { heard, ended } = start([
      async (...parameters: unknown[]) => {
        seen.push(parameters);
        return second;
      },
    ]);
    await ended();
    expect(heard()).toEqual([undefined]);
    expect(seen).toHaveLength(3);
    expect(new Set(seen.map(([event]) => event)).size).toBe(1);
    expect(new Set(seen.map(([, context]) => context)).size).toBe(1);
  });

  it('may go on for a million steps, synchronous or not, without growing the stack', async () => {
    let left = 1_000_000;
    const { ended } = start([
      function again() {
        return --left > 0 ? again : 'out';
      },
    ]);
    await ended();
    expect(left).toBe(0);

    let turns = 100_000;
    const slow = start([
      async function again(): Promise<unknown> {
        return --turns > 0 ? again : 'out';
      },
    ]);
    await slow.ended();
    expect(slow.heard()).toEqual(['out']);
  });

  it('gives the event loop a turn when it has run for 10 ms, and goes on afterwards', () => {
    const clock = handClock();
    const ticking = {
      ...clock,
      now: () => {
        clock.jump(1);
        return clock.now();
      },
    };
    let left = 2000;
    const { delivery, reply } = start(
      [
        function again() {
          return --left > 0 ? again : 'out';
        },
      ],
      { clock: ticking },
    );
    expect(delivery.ended).toBe(false);
    expect(left).toBeGreaterThan(0);
    expect(clock.waiting).toBe(1);
    clock.advance(0);
    expect(left).toBe(0);
    expect(reply.resolve).toHaveBeenCalledExactlyOnceWith('out');
  });

  it('is entered again after such a turn, which a clock may run from anywhere', () => {
    const clock = handClock();
    const ticking = {
      ...clock,
      now: () => {
        clock.jump(1);
        return clock.now();
      },
    };
    let left = 1000;
    let active: unknown;
    const entered: unknown[] = [];
    const tracker: FlowHost['tracker'] = {
      current: () => undefined,
      run(value, callback, argument) {
        active = value;
        callback(argument);
        active = undefined;
      },
      end: () => {},
    };
    const { delivery } = start(
      [
        function again(_: unknown, context: unknown) {
          entered.push(active === context);
          return --left > 0 ? again : 'out';
        },
      ],
      { clock: ticking, tracker, tracksPromises: true },
    );
    clock.advance(1000);
    expect(delivery.ended).toBe(true);
    expect(entered).toHaveLength(1000);
    expect(entered.every(Boolean)).toBe(true);
  });

  it('does not give way to the event loop where it has to be done at once', () => {
    const clock = handClock();
    const ticking = {
      ...clock,
      now: () => {
        clock.jump(1);
        return clock.now();
      },
    };
    let left = 2000;
    const reply = { resolve: vi.fn(), reject: vi.fn() };
    const delivery = new Delivery(flowHost({ clock: ticking }), plainEvent(), reply, noTerms);
    delivery.extras.atOnce = true;
    delivery.start([
      {
        handler: function again() {
          return --left > 0 ? again : 'out';
        },
      },
    ]);
    expect(reply.resolve).toHaveBeenCalledExactlyOnceWith('out');
    expect(clock.waiting).toBe(0);
  });
});

describe('the registrations of one delivery', () => {
  it('run in their order, each after the one before it has completed', async () => {
    const log: string[] = [];
    const { ended } = start([
      async () => {
        log.push('first begins');
        await null;
        log.push('first ends');
      },
      () => void log.push('second'),
      async () => void log.push('third'),
    ]);
    await ended();
    expect(log).toEqual(['first begins', 'first ends', 'second', 'third']);
  });

  it('answer with the first outcome that is not undefined, at once', async () => {
    let release = (): void => {};
    const { delivery, heard, ended } = start([
      () => undefined,
      () => null,
      () =>
        new Promise<string>((resolve) => {
          release = () => resolve('late');
        }),
    ]);
    expect(heard()).toEqual([null]);
    expect(delivery.ended).toBe(false);
    release();
    await ended();
    expect(heard()).toEqual([null]);
  });

  it('answer with undefined when none has a result', async () => {
    const { heard, ended } = start([() => undefined, async () => {}]);
    await ended();
    expect(heard()).toEqual([undefined]);
  });

  it('go on after a throw, which is an outcome', async () => {
    const last = vi.fn();
    const { reply, host, ended } = start([
      () => {
        throw new TypeError('no');
      },
      () => 'yes',
      last,
    ]);
    await ended();
    expect(reply.resolve).not.toHaveBeenCalled();
    expect(reply.reject.mock.calls[0]?.[0]).toMatchObject({
      code: 'HAPPEN_HANDLER_FAILED',
      details: { name: 'TypeError', message: 'no', node: 'host', type: 'work.do' },
    });
    expect(host.handlerFailed).toHaveBeenCalledTimes(1);
    expect(last).toHaveBeenCalledTimes(1);
  });

  it('run inside an earlier flow through context.next, and then not again', async () => {
    const log: string[] = [];
    const { heard, ended } = start([
      (_: unknown, context: { next: unknown; seen?: string }) => {
        log.push('first');
        context.seen = 'in the first';
        return context.next;
      },
      (_: unknown, context: { seen?: string }) => {
        log.push(`second, ${context.seen}`);
        return undefined;
      },
      (_: unknown, context: { next: unknown; seen?: string }) => {
        log.push(`third, ${context.seen}`);
        return context.next;
      },
    ]);
    await ended();
    expect(log).toEqual(['first', 'second, in the first', 'third, undefined']);
    expect(heard()).toEqual([undefined]);
  });

  it('start on their own when the flow before them looked at context.next without returning it', async () => {
    const second = vi.fn();
    const { ended } = start([(_: unknown, context: { next: unknown }) => void context.next, second]);
    await ended();
    expect(second).toHaveBeenCalledTimes(1);
  });

  it('have contexts of their own', async () => {
    const contexts: unknown[] = [];
    const { ended } = start([1, 2, 3].map(() => (_: unknown, context: unknown) => void contexts.push(context)));
    await ended();
    expect(new Set(contexts).size).toBe(3);
  });
});

describe('a step that misbehaves', () => {
  const hostile: readonly (readonly [string, () => unknown])[] = [
    [
      'returns a thenable that calls back at once',
      () => ({ then: (resolve: (value: unknown) => void) => resolve('once') }),
    ],
    [
      'returns a thenable that calls back twice',
      () => ({
        then: (resolve: (value: unknown) => void) => {
          resolve('once');
          resolve('twice');
        },
      }),
    ],
    [
      'returns a thenable that calls back twice with steps',
      () => ({
        then: (resolve: (value: unknown) => void) => {
          resolve(async () => 'once');
          resolve(() => 'twice');
        },
      }),
    ],
    [
      'returns a thenable of a thenable',
      () => ({
        then: (outer: (value: unknown) => void) => outer({ then: (inner: (value: unknown) => void) => inner('once') }),
      }),
    ],
    ['returns a promise of a step', () => Promise.resolve(() => 'once')],
  ];

  it.each(hostile)('%s has one outcome, and the next registration runs once', async (_, step) => {
    const next = vi.fn();
    const { heard, ended, host } = start([step, next]);
    await ended();
    expect(heard()).toEqual(['once']);
    expect(next).toHaveBeenCalledTimes(1);
    expect(host.handlerFailed).not.toHaveBeenCalled();
  });

  const revoked = (): object => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };
  const throwing: readonly (readonly [string, () => unknown, string])[] = [
    [
      'returns a thenable whose then throws',
      () => ({
        then() {
          throw new Error('no');
        },
      }),
      'no',
    ],
    [
      'returns an object whose then can not be read',
      () => ({
        get then() {
          throw new Error('no');
        },
      }),
      'no',
    ],
    [
      'returns an object whose next can not be read',
      () => ({
        get next() {
          throw new Error('no');
        },
      }),
      'no',
    ],
    [
      'returns a promise of an object whose next can not be read',
      async () => ({
        get next() {
          throw new Error('no');
        },
      }),
      'no',
    ],
    ['returns a revoked proxy', revoked, 'revoked'],
    ['returns an imitation of a promise', () => Object.create(Promise.prototype) as unknown, ''],
    [
      'returns a thenable that rejects at once',
      () => ({ then: (_: unknown, reject: (error: unknown) => void) => reject('no') }),
      'no',
    ],
    [
      'throws a string',
      () => {
        throw 'no';
      },
      'no',
    ],
    [
      'throws nothing',
      () => {
        throw undefined;
      },
      'a value of type undefined was thrown',
    ],
    [
      'throws null',
      () => {
        throw null;
      },
      'a value of type null was thrown',
    ],
    [
      'throws an object',
      () => {
        throw { reason: 'no' };
      },
      'a value of type object was thrown',
    ],
    [
      'throws a revoked proxy',
      () => {
        throw revoked();
      },
      'could not be read',
    ],
    [
      'throws an error whose message can not be read',
      () => {
        throw Object.defineProperty(new Error('x'), 'message', {
          get() {
            throw new Error('no');
          },
        });
      },
      'could not be read',
    ],
    [
      'throws an error whose message is no text',
      () => {
        throw Object.assign(new Error('x'), { message: Symbol('no') });
      },
      'Symbol(no)',
    ],
    ['rejects with an error', () => Promise.reject(new Error('no')), 'no'],
  ];

  it.each(throwing)('%s fails its flow, and nothing else', async (_, step, message) => {
    const next = vi.fn();
    const { reply, host, ended } = start([step, next]);
    await ended();
    const error = reply.reject.mock.calls[0]?.[0] as HappenError;
    expect(error).toBeInstanceOf(HappenError);
    expect(error.code).toBe('HAPPEN_HANDLER_FAILED');
    expect(error.message).toContain(message);
    expect(host.handlerFailed).toHaveBeenCalledExactlyOnceWith(error, expect.anything(), true);
    expect(next).toHaveBeenCalledTimes(1);
  });

  it('keeps what was thrown as the cause', async () => {
    const thrown = new RangeError('too far');
    const { reply } = start([
      () => {
        throw thrown;
      },
    ]);
    expect(reply.reject.mock.calls[0]?.[0].cause).toBe(thrown);
  });
});

describe('the signal of a flow', () => {
  it('is one for the delivery, and aborts with the reason when the asker gives up', () => {
    let signal: AbortSignal | undefined;
    const { delivery } = start([
      (_: unknown, context: FlowRecord) => {
        signal = context.signal;
        expect(context.signal).toBe(signal);
        return new Promise(() => {});
      },
    ]);
    expect(signal?.aborted).toBe(false);
    const reason = new HappenError('HAPPEN_CANCELLED', 'enough');
    delivery.cancel(reason);
    delivery.cancel(new HappenError('HAPPEN_TIMEOUT', 'later'));
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toBe(reason);
  });

  it('has aborted already when it is first read after the asker gave up', async () => {
    let go = (): void => {};
    let signal: AbortSignal | undefined;
    const { delivery, ended } = start([
      async (_: unknown, context: FlowRecord) => {
        await new Promise<void>((resolve) => {
          go = resolve;
        });
        signal = context.signal;
      },
    ]);
    const reason = new HappenError('HAPPEN_TIMEOUT', 'over');
    delivery.cancel(reason);
    go();
    await ended();
    expect(signal?.reason).toBe(reason);
  });
});
