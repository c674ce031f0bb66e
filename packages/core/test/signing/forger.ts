import type { Address, MemoryHub, MemoryHubOptions, SpaceConfig } from '../../src/index.js';
import { createIdentity, initializeHappen, memoryHub, silentLogger } from '../../src/index.js';
import { hostCrypto } from '../../src/host/node.js';
import { systemClock } from '../../src/host/system-clock.js';
import { encodeEvent } from '../../src/wire/event-encoding.js';
import { encodeFrame } from '../../src/wire/frame.js';
import type { EncodedEvent, Message } from '../../src/wire/messages.js';
import { putSignature, type Seal, toBeSigned, withSeal } from '../../src/wire/seal.js';
import type { TestSpace } from '../talking/worlds.js';

/** A frame as it was on its way. */
export interface Recorded {
  readonly to: Address;
  readonly frame: Uint8Array;
}

/** A space whose frames are overheard as they leave. */
export interface Overheard {
  readonly space: TestSpace;
  readonly sent: Recorded[];
}

export function overheard(hub: MemoryHub, config: Omit<SpaceConfig<[]>, 'transport'>): Overheard {
  const transport = hub.transport();
  const sent: Recorded[] = [];
  const { publish } = transport;
  transport.publish = (to, frame) => {
    sent.push({ to, frame: frame.slice() });
    return publish.call(transport, to, frame);
  };
  return { space: initializeHappen({ ...config, transport }), sent };
}

/** Somebody on the hub who sends whatever bytes he likes. */
async function attacker(hub: MemoryHub): Promise<(to: Address, frame: Uint8Array) => void> {
  const transport = hub.transport();
  await transport.start({
    instance: 'attacker',
    clock: systemClock,
    logger: silentLogger,
    undeliverable() {},
    status() {},
  });
  return (to, frame) => void transport.publish(to, frame);
}

/** Key pairs that tests know. */
export const seeds = Object.fromEntries(
  ['client', 'server', 'other', 'evil'].map((id, index) => [id, new Uint8Array(32).fill(index + 1)]),
) as Record<'client' | 'server' | 'other' | 'evil', Uint8Array>;

export function keyOf(seed: Uint8Array): Uint8Array {
  return hostCrypto.publicKey(seed) as Uint8Array;
}

/** What a forger may choose. */
export interface Forgery {
  readonly seed: Uint8Array;
  readonly from: string;
  readonly sequence: number;
  readonly messages: readonly Message[];
  readonly seal: Partial<Seal> & Pick<Seal, 'sender' | 'to'>;
}

/** A frame with a right signature by some key, whatever it says. */
export function signedFrame({ seed, from, sequence, messages, seal }: Forgery): Uint8Array {
  const sealed = withSeal(encodeFrame({ from, sequence, messages }), {
    key: keyOf(seed),
    madeAt: Date.now(),
    recipient: undefined,
    ...seal,
  });
  putSignature(sealed, hostCrypto.sign(toBeSigned(sealed), seed) as Uint8Array);
  return sealed;
}

/** An event of whomever. */
export function eventOf(type: string, sender: string): EncodedEvent {
  return encodeEvent(
    {
      type,
      payload: 'forged',
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

/** Two spaces that sign, one with `client`, one with `server`, and somebody else on their hub. */
export async function signingWorld(
  config: Omit<SpaceConfig<[]>, 'transport'> = { security: { sign: true } },
  options: MemoryHubOptions = {},
) {
  const hub = memoryHub(options);
  const [here, there] = [overheard(hub, config), overheard(hub, config)];
  await Promise.all([here.space.ready(), there.space.ready()]);
  const client = here.space.createNode('client', { identity: createIdentity(seeds.client) });
  const server = there.space.createNode('server', { identity: seeds.server });
  const heard: unknown[] = [];
  server.on('news', ({ payload }) => void heard.push(payload));
  server.on('ask', ({ payload }) => `answer to ${String(payload)}`);
  const refused = (space: TestSpace): Record<string, number> =>
    Object.fromEntries(Object.entries(space.metrics().link?.refused ?? {}).filter(([, count]) => count > 0));
  return { hub, here, there, client, server, heard, refused, send: await attacker(hub) };
}

export type SigningWorld = Awaited<ReturnType<typeof signingWorld>>;
