import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { initializeHappen, type Space } from '../../src/index.js';
import { messagePortHub, messagePortTransport } from '../../src/message-port.js';
import { codeOf, until } from '../talking/observing.js';

function server(port: MessagePort): Space {
  const space = initializeHappen({ transport: messagePortTransport(port) });
  const node = space.createNode('server');
  node.on('double', ({ payload }) => (payload as number) * 2);
  return space;
}

/** A space whose other side has come and gone. */
async function abandoned() {
  const first = new MessageChannel();
  const transport = messagePortTransport(first.port1);
  const happen = initializeHappen({ transport });
  const asker = happen.createNode('asker');
  const before = server(first.port2);
  const ask = (payload: number, timeout = 30_000): Promise<unknown> =>
    asker.send('server', { type: 'double', payload }, { timeout }).return();
  expect(await ask(1)).toBe(2);
  await before.close();
  await until('it is noticed', () => !happen.health().ready);
  return { happen, transport, ask, asker };
}

describe('a port given to connect after the other side has gone', () => {
  it('is waited for by what is sent before it greets, and not by what was sent before it was there', async () => {
    const { happen, transport, ask, asker } = await abandoned();
    expect(await codeOf(ask(1))).toBe('HAPPEN_DISCONNECTED');
    const next = new MessageChannel();
    transport.connect(next.port1);
    const heard: unknown[] = [];
    const answers = [2, 3].map((n) => ask(n));
    asker.broadcast({ type: 'news', payload: 4 });
    const late = ask(5, 20);
    // It has never left.
    expect(await codeOf(late)).toBe('HAPPEN_DISCONNECTED');
    const space = server(next.port2);
    space.createNode('listener').on('news', ({ payload }) => void heard.push(payload));
    expect(await Promise.all(answers)).toEqual([4, 6]);
    await until('the broadcast is heard', () => heard.length > 0);
    expect(heard).toEqual([4]);
    await happen.ready();
    await Promise.all([happen.close(), space.close()]);
  });

  it('is waited for as well where a hub is on its other side, whose nodes are there already', async () => {
    const { happen, transport, ask } = await abandoned();
    const next = new MessageChannel();
    transport.connect(next.port1);
    const answer = ask(2);
    const hub = messagePortHub();
    const space = initializeHappen({ transport: hub.transport() });
    space.createNode('server').on('double', ({ payload }) => (payload as number) * 2);
    await space.ready();
    hub.connect(next.port2);
    expect(await answer).toBe(4);
    await Promise.all([happen.close(), space.close()]);
    hub.close();
  });

  it('lets what waits for it fail when it ends before anybody greets', async () => {
    const { happen, transport, ask } = await abandoned();
    const next = new MessageChannel();
    transport.connect(next.port1);
    const waiting = [codeOf(ask(1)), codeOf(ask(2))];
    await happen
      .createNode('other')
      .send({ type: 'x' })
      .sent()
      .catch(() => {});
    next.port2.close();
    expect(await Promise.all(waiting)).toEqual(['HAPPEN_DISCONNECTED', 'HAPPEN_DISCONNECTED']);
    expect(await codeOf(ask(3))).toBe('HAPPEN_DISCONNECTED');
    await happen.close();
  });
});
