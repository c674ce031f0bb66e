import type { Address, MemoryHub } from '../../src/index.js';
import { silentLogger } from '../../src/index.js';
import { hostCrypto } from '../../src/host/node.js';
import { systemClock } from '../../src/host/system-clock.js';
import { encodeEvent } from '../../src/wire/event-encoding.js';
import { decodeFrame, encodeFrame } from '../../src/wire/frame.js';
import type { EncodedEvent, Message } from '../../src/wire/messages.js';

/** The name of an instance, as spaces choose theirs. */
export function instanceName(number: number): string {
  return number.toString(16).padStart(32, '0');
}

/** Somebody on a hub who sends what he likes, and overhears who else is there. */
export interface Intruder {
  publish(to: Address, from: string, sequence: number, messages: readonly Message[]): void;
  /** Resolves with the instance that made the next broadcast of the type. */
  overhear(type: string): Promise<string>;
}

export async function intruder(hub: MemoryHub): Promise<Intruder> {
  const transport = hub.transport();
  await transport.start({
    instance: 'intruder',
    clock: systemClock,
    logger: silentLogger,
    undeliverable() {},
    status() {},
  });
  return {
    publish(to, from, sequence, messages) {
      void transport.publish(to, encodeFrame({ from, sequence, messages }));
    },
    overhear: (type) =>
      new Promise((resolve) => {
        transport.listen('intruder', [type], (frame) => resolve(decodeFrame(frame).from));
      }),
  };
}

/** An event of somebody who may not exist. */
export function forgedEvent(type: string, payload?: unknown, sender = 'somebody'): EncodedEvent {
  return encodeEvent(
    {
      type,
      payload,
      id: 'forged',
      sender,
      causationId: undefined,
      causes: undefined,
      correlationId: 'forged',
      depth: 0,
      path: [],
      omittedHops: 0,
      origin: undefined,
      context: undefined,
    },
    undefined,
    hostCrypto.sha256,
  );
}

type Deliver = Extract<Message, { kind: 'deliver' }>;

/** A delivery like any other, but for what is given. */
export function forgedDelivery(given: Partial<Deliver> & Pick<Deliver, 'events'>): Deliver {
  return {
    kind: 'deliver',
    target: undefined,
    batch: false,
    request: 0,
    remainingMs: 0,
    priority: 0,
    key: undefined,
    dedupeKey: undefined,
    ...given,
  };
}

/** The smallest message there is; it concerns nobody. */
export const idleMessage: Message = { kind: 'cancel', request: 1, reason: '' };
