import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../../testing/src/clock/virtual-clock.js';
import { initializeHappen, memoryHub, type SecurityConfig, silentLogger } from '../../src/index.js';
import { systemClock } from '../../src/host/system-clock.js';
import { encodeFrame } from '../../src/wire/frame.js';
import type { Message } from '../../src/wire/messages.js';
import { codeOf, failureOf, until, upTo } from '../talking/observing.js';
import { turn } from '../talking/worlds.js';
import { keyOf, seeds } from '../signing/forger.js';
import { forgedDelivery, forgedEvent, instanceName } from './intruder.js';

const never = (): Promise<never> => new Promise(() => {});

describe('a key pair that never signs', () => {
  it('does not keep the frames of other nodes for ever', async () => {
    const clock = virtualClock();
    const hub = memoryHub();
    const security: SecurityConfig = { sign: true };
    const here = initializeHappen({ clock, security, transport: hub.transport() });
    const there = initializeHappen({ clock, security, transport: hub.transport() });
    await Promise.all([here.ready(), there.ready()]);
    const client = here.createNode('client');
    const stuck = here.createNode('stuck', { identity: { publicKey: () => keyOf(seeds.other), sign: never } });
    there.createNode('server').on('ask', () => 'answer');
    const hangs = failureOf(stuck.send('server', { type: 'ask' }, { timeout: 100_000 }));
    const answered = client.send('server', { type: 'ask' }, { timeout: 100_000 }).return();
    await turn();
    await clock.advance(30_000);
    expect((await hangs).code).toBe('HAPPEN_SIGNING_FAILED');
    expect(await answered).toBe('answer');
  });
});

describe("a user's own check that never answers", () => {
  it('is given up, and what waits behind it goes on', async () => {
    const clock = virtualClock();
    const hub = memoryHub();
    let asked = 0;
    const verify: SecurityConfig['verify'] = () => (asked++ === 0 ? never() : true);
    const here = initializeHappen({ clock, transport: hub.transport() });
    const there = initializeHappen({ clock, transport: hub.transport(), security: { verify } });
    await Promise.all([here.ready(), there.ready()]);
    const client = here.createNode('client');
    there.createNode('server').on('ask', () => 'answer');
    const hangs = codeOf(client.send('server', { type: 'ask' }, { timeout: 100_000 }));
    await turn();
    const answered = client.send('server', { type: 'ask' }, { timeout: 100_000 }).return();
    await turn();
    await clock.advance(30_000);
    expect(await hangs).toBe('HAPPEN_SIGNATURE_REFUSED');
    expect(await answered).toBe('answer');
  });

  async function flooded(verify: SecurityConfig['verify'] = never) {
    const hub = memoryHub();
    const there = initializeHappen({ transport: hub.transport(), security: { verify } });
    await there.ready();
    there.createNode('server').on('ask', () => 'answer');
    const transport = hub.transport();
    await transport.start({
      instance: instanceName(1),
      clock: systemClock,
      logger: silentLogger,
      undeliverable() {},
      status() {},
    });
    let sequence = 0;
    const publish = (messages: readonly Message[]): void =>
      void transport.publish(
        { kind: 'node', id: 'server' },
        encodeFrame({ from: instanceName(1), sequence: ++sequence, messages }),
      );
    const refused = (): number => there.metrics().link?.refused.overload ?? 0;
    return { hub, there, publish, refused };
  }

  it('holds no more requests that are called off than events', async () => {
    const { there, publish, refused } = await flooded();
    publish([forgedDelivery({ target: 'server', events: [forgedEvent('ask')], request: 1 })]);
    const cancels = upTo(250).map((i): Message => ({ kind: 'cancel', request: i + 2, reason: '' }));
    for (const _ of upTo(40)) {
      publish(cancels);
      await turn();
    }
    await until('the rest is refused', () => refused() === 10_000 - 2_047);
    await there.close({ timeout: 0 });
  });

  it('leaves room for what others send', async () => {
    const { hub, there, publish, refused } = await flooded((_hash, _signature, { payload }) =>
      payload === 'honest' ? true : never(),
    );
    for (const _ of upTo(10)) {
      publish(upTo(500).map(() => forgedDelivery({ target: 'server', events: [forgedEvent('ask')] })));
      await turn();
    }
    await until('it is refused', () => refused() > 0);
    const honest = initializeHappen({ transport: hub.transport() });
    expect(await honest.createNode('honest').send('server', { type: 'ask', payload: 'honest' })).toBe('answer');
    await honest.close();
    await there.close({ timeout: 0 });
  });

  it('holds no more bytes than frames may', async () => {
    const { there, publish, refused } = await flooded();
    const big = forgedEvent('ask', 'x'.repeat(900_000));
    for (const _ of upTo(100)) {
      publish([forgedDelivery({ target: 'server', events: [big] })]);
      await turn();
    }
    await until('the rest is refused', () => refused() === 100 - 38);
    await there.close({ timeout: 0 });
  });
});
