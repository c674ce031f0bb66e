import { describe, expect, it } from 'vitest';
import { initializeHappen, memoryHub, silentLogger, type Address, type SpaceConfig } from '../../src/index.js';
import { systemClock } from '../../src/host/system-clock.js';
import { decodeFrame, encodeFrame } from '../../src/wire/frame.js';
import type { Message } from '../../src/wire/messages.js';
import { gate, until, upTo } from '../talking/observing.js';
import type { TestSpace } from '../talking/worlds.js';
import { forgedDelivery, forgedEvent, instanceName } from './intruder.js';

/** A space with a node, and a peer that asks under numbers of his own choice. */
async function world(config: SpaceConfig<[]> = {}) {
  const hub = memoryHub();
  const space: TestSpace = initializeHappen({ ...config, transport: hub.transport() });
  await space.ready();
  const node = space.createNode('node');
  const transport = hub.transport();
  await transport.start({
    instance: instanceName(1),
    clock: systemClock,
    logger: silentLogger,
    undeliverable() {},
    status() {},
  });
  const answers: { readonly kind: string; readonly request: number }[] = [];
  transport.attach({ kind: 'instance', id: instanceName(1) }, (frame) => {
    for (const message of decodeFrame(frame).messages) answers.push(message as (typeof answers)[number]);
  });
  let sequence = 0;
  const to: Address = { kind: 'node', id: 'node' };
  const ask = (type: string, request: number, remainingMs = 0): void => {
    const messages = [forgedDelivery({ target: 'node', events: [forgedEvent(type)], request, remainingMs })];
    void transport.publish(to, encodeFrame({ from: instanceName(1), sequence: ++sequence, messages }));
  };
  const cancel = (request: number): void => {
    const messages: Message[] = [{ kind: 'cancel', request, reason: 'HAPPEN_CANCELLED' }];
    void transport.publish(to, encodeFrame({ from: instanceName(1), sequence: ++sequence, messages }));
  };
  return { space, node, ask, cancel, answers, repeated: () => space.metrics().link?.repeated };
}

describe('an asker who asks again under the number of a request that is open', () => {
  it('opens no second stream that nobody could end', async () => {
    const { space, node, ask, repeated } = await world();
    let begun = 0;
    node.on('endless', async function* () {
      begun++;
      for (;;) yield 1;
    });
    for (const _ of upTo(100)) ask('endless', 7);
    await until('all have come', () => repeated() === 99);
    expect(space.metrics().streams.open).toBe(1);
    expect(begun).toBe(0);
    await space.close({ timeout: 100 });
    expect(space.metrics().streams.open).toBe(0);
  });

  it('does not have it handled twice at a time', async () => {
    const { node, ask, repeated, space } = await world();
    let begun = 0;
    const ends: (() => void)[] = [];
    node.on('slow', () => {
      begun++;
      return new Promise<void>((resolve) => ends.push(resolve));
    });
    ask('slow', 7);
    ask('slow', 7);
    ask('slow', 8);
    await until('all have come', () => repeated() === 1);
    expect(begun).toBe(2);
    for (const end of ends) end();
    await space.close();
  });

  it('keeps the original where it can be called off, and its answer, when the repetition is refused', async () => {
    const verdicts = [gate<boolean>(), gate<boolean>()];
    const asked = [...verdicts];
    const { node, ask, cancel, answers, repeated, space } = await world({
      security: { verify: () => asked.shift()?.passed ?? true },
    });
    const begun = gate<AbortSignal>();
    const end = gate<string>();
    node.on('slow', (_event, { signal }) => {
      begun.open(signal);
      return end.passed;
    });
    ask('slow', 7);
    ask('slow', 7);
    await until('both are being verified', () => asked.length === 0);
    verdicts[0]?.open(true);
    verdicts[1]?.open(false);
    const signal = await begun.passed;
    await until('the second is refused', () => repeated() === 1);
    cancel(7);
    await until('the flow hears of it', () => signal.aborted);
    end.open('done');
    await until('it is over', () => space.metrics().queues['node']?.running === 0);
    ask('slow', 8);
    await until('the next is answered', () => answers.some(({ request }) => request === 8));
    expect(answers.filter(({ request }) => request === 7).map(({ kind }) => kind)).not.toContain('failure');
    await space.close();
  });
});
