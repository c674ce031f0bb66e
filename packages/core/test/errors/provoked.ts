import { z } from 'zod';
import {
  defineExtension,
  type ErrorCode,
  errorCodes,
  type Extension,
  type HappenError,
  initializeHappen,
  isHappenError,
  memoryHub,
  memoryStore,
  type SpaceConfig,
} from '../../src/index.js';
import { decodeFrame } from '../../src/wire/frame.js';
import { decodeEvent, encodeEvent } from '../../src/wire/event-encoding.js';
import { handClock } from '../host/hand-clock.js';
import { keyOf, seeds } from '../signing/forger.js';
import { bareEvent, sha256 } from '../wire/samples.js';

/** A space with one node that answers `ok`, throws at `fail`, and never answers `never`. */
function place(config: SpaceConfig = {}) {
  const space = initializeHappen(config);
  const node = space.createNode('node');
  node.on('ok', () => 'fine');
  node.on('fail', () => {
    throw new RangeError('no');
  });
  node.on('never', () => new Promise(() => {}));
  return { ...space, node };
}

type Provocation = () => unknown;

/** Ways to get each code, through what users have in hand where that is possible. None: the code is reserved. */
export const provocations: Readonly<Record<ErrorCode, readonly Provocation[]>> = {
  HAPPEN_ASKED_TOO_LATE: [
    async () => {
      const handle = place().node.send({ type: 'ok' });
      await new Promise((resolve) => setImmediate(resolve));
      return handle.return();
    },
  ],
  HAPPEN_ASYNCHRONOUS_STEP: [
    () => place().node.processSync({ type: 'never' }),
    () => {
      const { node } = place();
      node.on('stream', function* () {
        yield 1;
      });
      return node.processSync({ type: 'stream' });
    },
  ],
  HAPPEN_CANCELLED: [
    () => {
      const { node } = place();
      return node.send(node, { type: 'ok' }, { signal: AbortSignal.abort() });
    },
  ],
  HAPPEN_CLOSED: [
    async () => {
      const { node, close } = place();
      await close();
      return node.send({ type: 'ok' });
    },
    async () => {
      const { node } = place();
      await node.close();
      return node.process({ type: 'ok' });
    },
  ],
  HAPPEN_DEPTH_EXCEEDED: [
    async () => {
      const { node, on } = place({ causality: { maxDepth: 2 } });
      node.on('again', () => void node.send({ type: 'again' }));
      const told = new Promise<HappenError>((resolve) => on('node.error', ({ payload }) => resolve(payload.error)));
      node.send({ type: 'again' });
      throw await told;
    },
  ],
  HAPPEN_DISCONNECTED: [
    async () => {
      const hub = memoryHub();
      const transport = hub.transport();
      const { node, ready } = place({ transport });
      await ready();
      hub.disconnect(transport);
      return node.send('elsewhere', { type: 'ok' });
    },
  ],
  HAPPEN_DUPLICATE_EVENT: [
    async () => {
      const { node } = place();
      await node.send(node, { type: 'ok' }, { dedupeKey: 'once' });
      return node.send(node, { type: 'ok' }, { dedupeKey: 'once' });
    },
  ],
  HAPPEN_DUPLICATE_NODE: [() => place().createNode('node')],
  HAPPEN_EXTENSION_FAILED: [
    async () => {
      const ended = (): never => {
        throw new Error('the exporter is full');
      };
      const { node, on } = place({
        extensions: [defineExtension({ name: 'tracing', install: () => ({ flow: () => ({ ended }) }) }) as Extension],
      });
      const told = new Promise<HappenError>((resolve) => on('node.error', ({ payload }) => resolve(payload.error)));
      node.send({ type: 'ok' });
      throw await told;
    },
  ],
  HAPPEN_HANDLER_FAILED: [() => place().node.send({ type: 'fail' })],
  HAPPEN_HASH_MISMATCH: [
    () => {
      const encoded = encodeEvent(bareEvent, undefined, sha256);
      encoded.bytes[encoded.bytes.length - 1] = 0xff;
      return decodeEvent(encoded, sha256);
    },
  ],
  HAPPEN_INTERNAL: [
    () => {
      const clock = {
        now: () => Date.now(),
        setTimer: () => {
          throw new Error('no timers left');
        },
      };
      const node = initializeHappen({ clock }).createNode('node');
      node.on('later', () => 1);
      return node.send(node, { type: 'later' }, { delay: 5 });
    },
  ],
  HAPPEN_INVALID_CONFIG: [
    () => initializeHappen({ isolation: 'none' as never }),
    () => {
      const extension = { name: 'x', install: () => ({ node: () => ({ send: 1 }) }) } as never;
      return initializeHappen({ extensions: [extension] }).createNode('node');
    },
  ],
  HAPPEN_INVALID_EVENT: [
    () => place().node.send({ type: '' }),
    () => place().node.send(['a', 'a'], { type: 'ok' }),
    () => {
      const { node } = place({ transport: memoryHub().transport() });
      return node.send('elsewhere', { type: '\ud800' });
    },
  ],
  HAPPEN_INVALID_NODE_ID: [() => place().createNode('a:b')],
  HAPPEN_INVALID_OPTION: [
    () => {
      const { node } = place();
      return node.send(node, { type: 'ok' }, { timeout: -1 });
    },
    () => memoryHub({ drop: 2 }),
    () => memoryStore().map(''),
    () => {
      const { node } = place({ transport: memoryHub().transport() });
      return node.send('elsewhere', { type: 'ok' }, { key: '\ud800' });
    },
  ],
  HAPPEN_INVALID_PATTERN: [
    () => place().node.on('a.{b', () => {}),
    async () => {
      const { node, on } = place();
      const told = new Promise<HappenError>((resolve) => on('node.error', ({ payload }) => resolve(payload.error)));
      node.on(
        () => {
          throw new Error('no');
        },
        () => {},
      );
      node.send({ type: 'ok' });
      throw await told;
    },
  ],
  HAPPEN_MALFORMED_FRAME: [
    () => decodeFrame(new Uint8Array(10)),
    () => decodeEvent({ bytes: Uint8Array.of(0x90), hash: sha256(Uint8Array.of(0x90)), integrity: undefined }, sha256),
  ],
  HAPPEN_NOT_ACCEPTED: [
    () => {
      const { node, createNode } = place();
      return node.send(createNode('guarded', { acceptFrom: ['friend'] }), { type: 'ok' });
    },
  ],
  HAPPEN_NOT_A_STREAM: [
    async () => {
      for await (const _item of place().node.send({ type: 'ok' })) break;
    },
  ],
  HAPPEN_NOT_AVAILABLE: [
    async () => {
      const { node } = place();
      // what the types refuse
      for await (const _item of node.send([node], { type: 'ok' }) as unknown as AsyncIterable<unknown>) break;
    },
    () => initializeHappen().createNode('later', { state: {} } as object),
  ],
  HAPPEN_NOT_SERIALISABLE: [() => place().node.send({ type: 'ok', payload: { call: () => {} } })],
  HAPPEN_NO_HANDLER: [() => place().node.send({ type: 'other' })],
  HAPPEN_NO_SUCH_NODE: [() => place().node.send('nobody', { type: 'ok' })],
  HAPPEN_PAYLOAD_TOO_LARGE: [
    () => place().node.send({ type: 'ok', payload: 'x'.repeat(2_000_000) }),
    () => place().node.process(Array.from({ length: 10_001 }, () => ({ type: 'ok' }))),
    async () => {
      const transport = memoryHub({ maxFrameBytes: 10 }).transport();
      await transport.start({ instance: 'i', clock: handClock(), logger: quiet, undeliverable() {}, status() {} });
      return transport.publish({ kind: 'node', id: 'x' }, new Uint8Array(11));
    },
  ],
  HAPPEN_QUEUE_FULL: [
    () => {
      const { node } = place({ concurrency: { default: { maxConcurrent: 1, queueLimit: 1 } } });
      node.send({ type: 'never' });
      node.send({ type: 'never' });
      return node.send({ type: 'never' });
    },
  ],
  HAPPEN_REFUSED: [
    () => {
      const emission = (): never => {
        throw new Error('the budget is spent');
      };
      const extensions = [defineExtension({ name: 'budget', install: () => ({ emission }) }) as Extension];
      return place({ extensions }).node.send({ type: 'ok' });
    },
  ],
  HAPPEN_RESERVED_TYPE: [() => place().node.send({ type: 'node.error' })],
  HAPPEN_SCHEMA_REJECTED: [
    () => {
      const { createNode } = place();
      const checked = createNode('checked', { events: { ok: z.number() } });
      checked.on('ok', () => 'fine');
      return checked.send({ type: 'ok', payload: 'one' as never });
    },
  ],
  HAPPEN_SIGNATURE_REFUSED: [
    async () => {
      const hub = memoryHub();
      const there = place({ transport: hub.transport(), security: { verify: () => false } });
      const here = initializeHappen({ transport: hub.transport() });
      await Promise.all([here.ready(), there.ready()]);
      return here.createNode('asker').send('node', { type: 'ok' });
    },
  ],
  HAPPEN_SIGNING_FAILED: [
    () => {
      const sign = (): never => {
        throw new Error('no key');
      };
      return place({ security: { sign } }).node.send({ type: 'ok' });
    },
    () => {
      const identity = {
        publicKey: () => new Uint8Array(32),
        sign: () => Promise.reject(new Error('the token was taken out')),
      };
      return place().createNode('held', { identity }).identity.sign(new Uint8Array(1));
    },
  ],
  HAPPEN_STORE_CONFLICT: [
    async () => {
      const map = await memoryStore().map('m');
      await map.put('k', new Uint8Array(1), 0);
      return map.put('k', new Uint8Array(1), 0);
    },
    async () => (await memoryStore().journal('j')).append(new Uint8Array(1), 5),
  ],
  HAPPEN_TIMEOUT: [
    () => {
      const clock = handClock();
      const { node } = place({ clock });
      const answer = node.send(node, { type: 'never' }, { timeout: 50 }).return();
      setImmediate(() => clock.advance(1000));
      return answer;
    },
    async () => {
      const hub = memoryHub();
      const security = { sign: true, keys: { server: keyOf(seeds.evil) } };
      const [here, there] = [
        initializeHappen({ transport: hub.transport(), logger: quiet, security }),
        initializeHappen({ transport: hub.transport(), logger: quiet, security: { sign: true } }),
      ];
      await Promise.all([here.ready(), there.ready()]);
      there.createNode('server', { identity: seeds.server }).on('ok', () => 'fine');
      return here.createNode('client').send('server', { type: 'ok' }, { timeout: 300 });
    },
  ],
};

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** The error that a provocation ends with, wherever it appears. */
export async function provoke(code: ErrorCode, provocation: Provocation): Promise<HappenError> {
  try {
    await provocation();
  } catch (error) {
    if (isHappenError(error, code)) return error;
    throw new Error(`expected ${code}`, { cause: error });
  }
  throw new Error(`expected ${code}, and nothing was thrown`);
}

/** Every code of the table. */
export const allCodes = Object.keys(errorCodes).sort() as ErrorCode[];
