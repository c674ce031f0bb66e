import { describe, expect, it, vi } from 'vitest';
import { initializeHappen, type Logger } from '../../src/index.js';
import { handClock } from '../host/hand-clock.js';

interface Line {
  readonly level: keyof Logger;
  readonly message: string;
  readonly details: {
    readonly [name: string]: unknown;
    readonly err?: Error & { code?: string; cause?: unknown };
  };
}

function logbook(): { logger: Logger; lines: Line[]; at(level: keyof Logger): Line[] } {
  const lines: Line[] = [];
  const write = (level: keyof Logger) => (details: object, message: string) =>
    void lines.push({ level, message, details: details as Line['details'] });
  return {
    logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    lines,
    at: (level) => lines.filter((line) => line.level === level),
  };
}

describe('failures that nobody takes', () => {
  it('are logged as errors, once, with what they are about', async () => {
    const { logger, at } = logbook();
    const { createNode, close } = initializeHappen({ logger });
    const mistake = new TypeError('a bug');
    const node = createNode('shop').on('buy', () => {
      throw mistake;
    });
    const { id } = await createNode('till').send('shop', { type: 'buy' }).sent();
    await vi.waitFor(() => expect(at('error')).toHaveLength(1));
    await close();
    expect(node).toBeDefined();
    const [line] = at('error');
    expect(line?.details).toMatchObject({ node: 'shop', type: 'buy', eventId: id });
    expect(line?.details.err).toMatchObject({ code: 'HAPPEN_HANDLER_FAILED', cause: mistake });
    expect(at('error')).toHaveLength(1);
  });

  it('are the matter of whoever listens, or asks', async () => {
    const { logger, at } = logbook();
    const { createNode, on, close } = initializeHappen({ logger });
    createNode('shop').on('buy', () => {
      throw new Error('sold out');
    });
    const till = createNode('till');
    await expect(till.send('shop', { type: 'buy' })).rejects.toMatchObject({ code: 'HAPPEN_HANDLER_FAILED' });
    await expect(till.send('shop', { type: 'nothing' })).rejects.toMatchObject({ code: 'HAPPEN_NO_HANDLER' });
    expect(at('debug')).toHaveLength(1);
    const heard = vi.fn();
    const off = on('node.*', heard);
    till.send('shop', { type: 'buy' });
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1));
    expect(at('debug')).toHaveLength(2);
    expect([...at('warn'), ...at('error')]).toEqual([]);
    off();
    till.send('shop', { type: 'buy' });
    await vi.waitFor(() => expect(at('error')).toHaveLength(1));
    await close();
  });

  it('of handlers that come after the answer are nobody else’s', async () => {
    const { logger, at } = logbook();
    const { createNode, close } = initializeHappen({ logger });
    const shop = createNode('shop');
    shop.on('buy', () => 'sold');
    shop.on('buy', () => {
      throw new Error('no receipt');
    });
    expect(await createNode('till').send('shop', { type: 'buy' })).toBe('sold');
    await close();
    expect(at('error')).toHaveLength(1);
  });

  it('and sends that nothing handles, of which the log is silent unless it is asked for details', async () => {
    const { logger, at } = logbook();
    const { createNode, close } = initializeHappen({ logger });
    createNode('shop');
    const till = createNode('till');
    till.broadcast({ type: 'opened' });
    const { id } = await till.send('shop', { type: 'buy' }).sent();
    await close();
    expect(at('debug').map(({ details }) => details)).toEqual([{ node: 'shop', type: 'buy', eventId: id }]);
    expect([...at('warn'), ...at('error')]).toEqual([]);
  });

  it('do not flood the log: what is left out is counted', async () => {
    const { logger, at } = logbook();
    const clock = handClock();
    const { createNode, close } = initializeHappen({ logger, clock });
    createNode('shop').on('**', () => {
      throw new Error('broken');
    });
    const till = createNode('till');
    for (let i = 0; i < 25; i++) await till.send('shop', { type: 'buy' }).sent();
    expect(at('error')).toHaveLength(10);
    expect(at('warn')).toEqual([]);
    clock.advance(1_000);
    await till.send('shop', { type: 'buy' }).sent();
    expect(at('error')).toHaveLength(11);
    const about = { node: 'shop', type: 'buy', code: 'HAPPEN_HANDLER_FAILED' };
    expect(at('warn').map(({ details }) => details)).toEqual([{ ...about, leftOut: 15 }]);
    for (let i = 0; i < 120; i++) await till.send('shop', { type: `type-${i}` }).sent();
    expect(at('error')).toHaveLength(110);
    await close();
    expect(at('warn').map(({ details }) => details)).toEqual([{ ...about, leftOut: 15 }, { leftOut: 21 }]);
  });
});
