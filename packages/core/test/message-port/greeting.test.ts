import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { initializeHappen, isHappenError, memoryHub } from '../../src/index.js';
import { type MessagePortLike, messagePortHub, messagePortTransport } from '../../src/message-port.js';
import { until } from '../talking/observing.js';

/** A channel as a page has it: what comes in is an event, told to those that were added, or to `onmessage`. */
function pageChannel(shape: 'addEventListener' | 'onmessage'): [MessagePortLike, MessagePortLike] {
  const { port1, port2 } = new MessageChannel();
  return [port1, port2].map((port): MessagePortLike => {
    if (shape === 'onmessage') {
      return {
        postMessage: (message, transfer) => port.postMessage(message, transfer),
        set onmessage(listener: ((event: never) => unknown) | null) {
          Object.assign(port, { onmessage: listener });
          if (listener === null) port.close();
        },
      };
    }
    return {
      postMessage: (message, transfer) => port.postMessage(message, transfer),
      addEventListener: (type, listener) => port.addEventListener(type, listener as never),
      removeEventListener: (type, listener) => port.removeEventListener(type, listener as never),
      start: () => port.start(),
    };
  }) as [MessagePortLike, MessagePortLike];
}

function nodeChannel(): [MessagePortLike, MessagePortLike] {
  const { port1, port2 } = new MessageChannel();
  return [port1, port2];
}

const channels: Readonly<Record<string, () => [MessagePortLike, MessagePortLike]>> = {
  'on and off': nodeChannel,
  addEventListener: () => pageChannel('addEventListener'),
  onmessage: () => pageChannel('onmessage'),
};

describe('two spaces at the ends of a channel', () => {
  it.each(Object.entries(channels))('talk through ports with %s', async (_, channel) => {
    const [near, far] = channel().map((port) => initializeHappen({ transport: messagePortTransport(port) }));
    if (near === undefined || far === undefined) throw new Error('A channel has two ends.');
    far.createNode('far').on('add', ({ payload }) => (payload as number[]).reduce((sum, n) => sum + n, 0));
    far.createNode('echo').on('t', ({ payload }) => payload);
    const asker = near.createNode('asker');
    expect(await asker.send('far', { type: 'add', payload: [1, 2, 3] })).toBe(6);
    // What is moved and not copied, too.
    const long = new Uint8Array(100_000).fill(7);
    expect(await asker.send('echo', { type: 't', payload: long })).toEqual(long);
    expect(long.every((byte) => byte === 7)).toBe(true);
    await Promise.all([near.close(), far.close()]);
  });

  it('lose nothing, though one of them comes much later', async () => {
    const [port1, port2] = nodeChannel();
    await using near = initializeHappen({ transport: messagePortTransport(port1) });
    const asker = near.createNode('asker');
    const answers = Array.from({ length: 500 }, (_, n) => asker.send('far', { type: 't', payload: n }).return());
    asker.broadcast({ type: 'news', payload: 'early' });
    let isReady = false;
    const ready = near.ready().then(() => (isReady = true));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => void setImmediate(resolve));
    expect(isReady).toBe(false);
    await using far = initializeHappen({ transport: messagePortTransport(port2) });
    const seen: number[] = [];
    const news: unknown[] = [];
    const node = far.createNode('far');
    node.on('t', ({ payload }) => {
      seen.push(payload as number);
      return payload;
    });
    node.on('news', ({ payload }) => void news.push(payload));
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 500 }, (_, n) => n));
    expect(seen).toEqual(Array.from({ length: 500 }, (_, n) => n));
    await ready;
    asker.broadcast({ type: 'news', payload: 'later' });
    await until('both are heard', () => news.length === 2);
    expect(news).toEqual(['early', 'later']);
  });

  it('find each other again when one is closed and another comes to the same port', async () => {
    const [port1, port2] = nodeChannel();
    await using near = initializeHappen({ transport: messagePortTransport(port1) });
    const asker = near.createNode('asker');
    const statuses: unknown[] = [];
    near.on('system.connection-status', ({ payload }) => void statuses.push((payload as { status: string }).status));
    for (const time of [1, 2, 3]) {
      const far = initializeHappen({ transport: messagePortTransport(port2) });
      far.createNode('far').on('t', () => time);
      await until('it is there', () => statuses.at(-1) === (time === 1 ? 'connected' : 'reconnected'));
      expect(await asker.send('far', { type: 't' })).toBe(time);
      await far.close();
      await until('it is gone', () => statuses.at(-1) === 'disconnected');
    }
  });

  it('are told of versions that don\u2019t understand each other, in one line', async () => {
    const { port1, port2 } = new MessageChannel();
    await using near = initializeHappen({ transport: messagePortTransport(port1) });
    port2.postMessage(['happen.hello', 2, { what: 'nobody knows yet' }, 'more']);
    await expect(near.ready()).rejects.toMatchObject({
      code: 'HAPPEN_DISCONNECTED',
      message: expect.stringContaining(
        'speaks version 2 of its protocol, and this one version 1; use the same release',
      ),
    });
    port2.close();
  });
});

describe('a node that is closed while an event is on its way to it', () => {
  it('has it handled by another one of its name, or the asker told that there is none', async () => {
    const hub = messagePortHub();
    const spaces = [1, 2, 3].map(() => {
      const { port1, port2 } = new MessageChannel();
      hub.connect(port1);
      return initializeHappen({ transport: messagePortTransport(port2) });
    });
    await Promise.all(spaces.map(({ ready }) => ready()));
    const [near, one, two] = spaces as [(typeof spaces)[0], (typeof spaces)[0], (typeof spaces)[0]];
    const asker = near.createNode('asker');
    const workers = [one, two].map((space, index) => {
      const worker = space.createNode('worker');
      worker.on('t', () => index);
      return worker;
    });
    const ask = (): Promise<unknown> =>
      asker
        .send('worker', { type: 't' })
        .return()
        .catch((error: unknown) => (isHappenError(error) ? error.code : error));
    await expect.poll(async () => new Set([await ask(), await ask()])).toEqual(new Set([0, 1]));
    const asked = Array.from({ length: 10 }, ask);
    // The frame leaves in this turn; the news of the closing meets it on the way.
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    await workers[0]?.close();
    expect(new Set(await Promise.all(asked)).size).toBe(1);
    expect(await ask()).toBe(1);
    const last = Array.from({ length: 10 }, ask);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    await workers[1]?.close();
    for (const fate of await Promise.all(last)) expect([1, 'HAPPEN_NO_SUCH_NODE']).toContain(fate);
    expect(await ask()).toBe('HAPPEN_NO_SUCH_NODE');
    await Promise.all(spaces.map(({ close }) => close()));
    hub.close();
  });
});

describe('what is no port', () => {
  const channel = new BroadcastChannel('x');
  const wrong: readonly unknown[] = [undefined, null, 5, {}, channel, memoryHub().transport()];

  it('is refused by name', () => {
    for (const port of wrong) {
      for (const take of [
        () => messagePortTransport(port as never),
        () => messagePortHub().connect(port as never),
        () => messagePortTransport(new MessageChannel().port1).connect(port as never),
      ]) {
        expect(take).toThrow(expect.objectContaining({ code: 'HAPPEN_INVALID_OPTION', details: expect.anything() }));
      }
    }
    channel.close();
  });

  it('is told apart from options that are wrong', () => {
    const { port1, port2 } = new MessageChannel();
    for (const options of [{ keepAlive: 1 }, { alive: true }, { changed() {} }]) {
      expect(() => messagePortTransport(port1, options as never)).toThrow(
        /messagePortTransport: `(keepAlive|alive|changed)`/,
      );
    }
    expect(() => messagePortHub({ changed: 1 } as never)).toThrow(/messagePortHub: `changed`/);
    port2.close();
  });
});
