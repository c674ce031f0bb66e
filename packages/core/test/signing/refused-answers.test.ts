import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../../testing/src/clock/virtual-clock.js';
import { type EventStream, initializeHappen, memoryHub } from '../../src/index.js';
import { monotonic } from '../../src/ports/monotonic.js';
import { RefusedAnswers } from '../../src/link/refused-answers.js';
import { Refused } from '../../src/identity/refusal.js';
import { failureOf, until, upTo } from '../talking/observing.js';
import { keyOf, seeds } from './forger.js';

/** An asker whose space takes the server for somebody else, unless told otherwise from now on. */
async function world() {
  const hub = memoryHub();
  const clock = virtualClock();
  const keys: Record<string, Uint8Array> = { client: keyOf(seeds.client), server: keyOf(seeds.evil) };
  const here = initializeHappen({
    clock,
    transport: hub.transport(),
    security: { sign: true, keys: (id: string) => keys[id] },
  });
  const there = initializeHappen({ clock, transport: hub.transport(), security: { sign: true } });
  await Promise.all([here.ready(), there.ready()]);
  const client = here.createNode('client', { identity: seeds.client });
  const server = there.createNode('server', { identity: seeds.server });
  server.on('ask', () => 'answer');
  server.on('silence', () => new Promise(() => {}));
  server.on('stream', async function* () {
    yield 1;
    yield 2;
  });
  const refused = () => here.metrics().link?.refused['key-conflict'] ?? 0;
  const close = async (): Promise<void> => {
    const closed = Promise.all([here.close(), there.close()]);
    await clock.advance(20_000);
    await closed;
  };
  return { close, clock, client, keys, refused };
}

describe('an asker whose own space refuses the answers', () => {
  it('is told so, and why, when its time is over', async () => {
    const { clock, client, refused, close } = await world();
    const asked = failureOf(client.send('server', { type: 'ask' }, { timeout: 1_000 }));
    await until('the answer is refused', () => refused() === 1);
    await clock.advance(1_020);
    const error = await asked;
    expect(error).toMatchObject({ code: 'HAPPEN_TIMEOUT', details: { node: 'server', refused: 'key-conflict' } });
    expect(error.message).toContain('refused what came in that node\'s name, for the reason "key-conflict"');
    // Later there is nothing that was refused meanwhile.
    const silent = failureOf(client.send('server', { type: 'silence' }, { timeout: 1_000 }));
    await clock.advance(1_020);
    expect((await silent).details).toEqual({ node: 'server', type: 'silence', timeoutMs: 1_000 });
    await close();
  });

  it('is told so of a stream as well', async () => {
    const { clock, client, keys, refused, close } = await world();
    keys['server'] = keyOf(seeds.server);
    const stream = (await client.send('server', { type: 'stream' }, { timeout: 1_000 })) as EventStream<number, void>;
    keys['server'] = keyOf(seeds.evil);
    const next = failureOf(stream.next());
    await until('the item is refused', () => refused() > 0);
    await clock.advance(1_020);
    expect(await next).toMatchObject({ code: 'HAPPEN_TIMEOUT', details: { refused: 'key-conflict' } });
    await close();
  });
});

describe('what is remembered of refused answers', () => {
  it('is the latest of each node, of so many nodes and no more', () => {
    const clock = virtualClock();
    const answers = new RefusedAnswers(clock);
    for (const i of upTo(2_000)) answers.note(new Refused('signature', `node-${i}`));
    const now = monotonic(clock);
    expect(answers.of('node-975', now)).toBeUndefined();
    expect(answers.of('node-976', now)).toBe('signature');
    expect(answers.of('node-1999', now + 1)).toBeUndefined();
    answers.note(new Refused('stale', 'node-976'));
    answers.note(new Refused('replayed', 'node-976'));
    answers.note(new Refused('unsigned', undefined));
    answers.note(new Refused('stale', 'one-more'));
    expect([answers.of('node-976', now), answers.of('node-977', now)]).toEqual(['stale', undefined]);
  });
});
