import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initializeHappen } from '../../src/index.js';
import { messagePortHub, messagePortTransport } from '../../src/message-port.js';
import { intruder } from './intruder.js';

const bytes = new Uint8Array([1, 2, 3]);

describe('whoever is on the other side of a port', () => {
  it('has what is no message dropped and counted, one by one', async () => {
    await using world = await intruder();
    const { hub, post, taken } = world;
    const wrong: unknown[] = [
      undefined,
      null,
      0,
      '',
      'happen.ping',
      {},
      { kind: 'happen.ping' },
      [],
      [[]],
      ['hello'],
      ['happen.unheard-of'],
      ['constructor'],
      ['__proto__'],
      ['happen.ping', 1],
      ['happen.hello'],
      ['happen.hello', '1', true],
      ['happen.hello', -1, true],
      ['happen.join'],
      ['happen.join', 7],
      ['happen.join', 'x'.repeat(4_097)],
      ['happen.attach', 'nobody', 'node', 'n'],
      ['happen.attach', 'nobody', 'planet', 'n'],
      ['happen.frame', 'a', 'b', 1, 0, 'node', 'n', [1, 2, 3]],
      ['happen.frame', 'a', 'b', 1, 0, 'node', 'n', new Uint16Array(2)],
      ['happen.frame', 'a', 'b', 1.5, 0, 'node', 'n', bytes],
      ['happen.broadcast', 'a', 't', 's', 'everybody', bytes],
      ['happen.broadcast', 'a', 't', 's', [['b']], bytes],
      ['happen.broadcast', 'a', 't', 's', [['b', 'group']], bytes],
      ['happen.listen', 'a', 'g', [1]],
    ];
    post(...wrong);
    await taken();
    expect(hub.counts().malformed).toBe(wrong.length);
  });

  it('never makes the hub throw, whatever is posted', async () => {
    await using world = await intruder();
    const { happen, hub, post, taken } = world;
    const kinds = [
      'bye',
      'pong',
      'settled',
      'join',
      'leave',
      'attach',
      'detach',
      'listen',
      'unlisten',
      'frame',
      'acknowledge',
      'returned',
      'returned-broadcast',
      'sync',
      'synced',
      'broadcast',
    ];
    const own = world.heard.find(([kind]) => kind === 'happen.join')?.[1];
    const item = fc.oneof(
      fc.constantFrom('me', own, 'node', 'instance', 'n', 't', '**', '{', true, false, 0, 1, 2 ** 53, bytes),
      fc.constantFrom(['t', '**'], [['me', ['g']]], [[own, ['g', 'n']]]),
      fc.anything({ withTypedArray: true, withBigInt: true, withDate: true, withMap: true, withSet: true }),
    );
    const message = fc
      .tuple(fc.constantFrom(...kinds), fc.array(item, { maxLength: 7 }))
      .map(([kind, items]) => [`happen.${kind}`, ...items]);
    const samples = fc.sample(message, { numRuns: 5_000, seed: 11 });
    post(['happen.join', 'me']);
    let posted = 0;
    for (const sample of samples) {
      try {
        post(sample);
        posted++;
      } catch {
        // What can't be cloned can't arrive either.
      }
      // However it goes on, there is somebody who has greeted.
      if (posted % 50 === 0) post(['happen.hello', 1, false], ['happen.join', 'me']);
    }
    post(['happen.hello', 1, false]);
    await taken();
    expect(posted).toBeGreaterThan(4_000);
    expect(hub.counts().malformed).toBeGreaterThan(3_000);
    const [a, b] = [happen.createNode('a'), happen.createNode('b')];
    b.on('t', () => 'as ever');
    expect(await a.send(b, { type: 't' })).toBe('as ever');
  });

  it('speaks for those behind its port, and for nobody else', async () => {
    await using world = await intruder();
    const { happen, hub, heard, post, taken } = world;
    const node = happen.createNode('n');
    node.on('t', () => 'here');
    await taken();
    const own = heard.find(([kind]) => kind === 'happen.join')?.[1];
    expect(own).toMatch(/^[0-9a-f]{32}$/);
    post(
      ['happen.leave', own, true],
      ['happen.detach', own, 'node', 'n'],
      ['happen.join', own],
      ['happen.frame', own, own, 1, 0, 'node', 'n', bytes],
      ['happen.acknowledge', own, own, 1],
    );
    await taken();
    expect(hub.counts().malformed).toBe(5);
    expect(await happen.createNode('a').send(node, { type: 't' })).toBe('here');
  });

  it('keeps no hold on the memory of what it posts', async () => {
    await using world = await intruder();
    const { hub, heard, post, taken } = world;
    const shared = new Uint8Array(new SharedArrayBuffer(8));
    const own = heard.find(([kind]) => kind === 'happen.join')?.[1];
    post(['happen.join', 'me'], ['happen.frame', 'me', own, 1, 0, 'node', 'n', shared]);
    await taken();
    expect(hub.counts().malformed).toBe(1);
  });

  it('cannot keep a frame going in circles', async () => {
    await using world = await intruder();
    const { happen, hub, heard, port, post, taken } = world;
    post(['happen.join', 'me'], ['happen.attach', 'me', 'node', 'liar'], ['happen.settled']);
    await taken();
    port.on('message', ([kind, from, to, number, , , , frame]: unknown[]) => {
      if (kind === 'happen.frame')
        post(['happen.returned', to, from, number, frame], ['happen.returned', to, from, 7, frame]);
    });
    const answer = happen.createNode('a').send('liar', { type: 't' }).return();
    await expect(answer).rejects.toMatchObject({ code: 'HAPPEN_NO_SUCH_NODE' });
    await taken();
    expect(heard.filter(([kind]) => kind === 'happen.frame')).toHaveLength(1);
    expect(hub.counts()).toEqual({ malformed: 2, returned: 0 });
  });

  it('is let go when it claims more than can be remembered, or never stops greeting', async () => {
    const reasons: (string | undefined)[] = [];
    for (const flood of [
      (post: (...messages: unknown[]) => void) => {
        post(['happen.join', 'me']);
        for (let n = 0; n < 11; n++) post(['happen.listen', 'me', `g${n}`, Array.from({ length: 100_000 }, () => 'x')]);
      },
      (post: (...messages: unknown[]) => void) => {
        for (let n = 0; n < 1_001; n++) post(['happen.hello', 1, false]);
      },
    ]) {
      await using world = await intruder();
      const ended = new Promise<void>((resolve) => {
        world.port.on('message', ([kind]: unknown[]) => {
          if (kind === 'happen.bye') resolve();
        });
      });
      flood(world.post);
      await ended;
      reasons.push(world.heard.at(-1)?.[0] as string);
    }
    expect(reasons).toEqual(['happen.bye', 'happen.bye']);
  });
});

describe('a function that is told of ports', () => {
  it('may throw, and everything goes on', async () => {
    const hub = messagePortHub({
      changed() {
        throw new Error('told too much');
      },
    });
    const { port1, port2 } = new MessageChannel();
    hub.connect(port1);
    const [near, far] = [hub.transport(), messagePortTransport(port2)].map((transport) =>
      initializeHappen({ transport }),
    );
    far?.createNode('far').on('t', () => 'here');
    expect(await near?.createNode('near').send('far', { type: 't' })).toBe('here');
    await Promise.all([near?.close(), far?.close()]);
    hub.close();
  });
});
