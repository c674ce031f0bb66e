import { describe, expect, it } from 'vitest';
import { initializeHappen, memoryHub, memoryStore, silentLogger } from '../../src/index.js';
import { hostCrypto } from '../../src/host/node.js';
import { systemClock } from '../../src/host/system-clock.js';

/** The path that a refusal names, in its details as in its message. */
function refusal(
  config: unknown,
  create: (config: any) => unknown = initializeHappen,
): { readonly path: string; readonly message: string } {
  try {
    create(config);
  } catch (error) {
    const isLater = /is not available yet/.test((error as Error).message);
    expect(error).toMatchObject({
      name: 'HappenError',
      code: isLater ? 'HAPPEN_NOT_AVAILABLE' : 'HAPPEN_INVALID_CONFIG',
    });
    const { message, details } = error as { message: string; details: { path: string } };
    expect(message.startsWith(`${details.path}: `) || message.includes(`"${details.path}"`)).toBe(true);
    return { path: details.path, message };
  }
  throw new Error(`${String(JSON.stringify(config))} was taken`);
}

const extension = (name: unknown) => ({ name, install: () => ({}) });

describe('the config of a space', () => {
  it('may be left out, be empty, or hold every part there is', async () => {
    for (const config of [undefined, {}]) await initializeHappen(config).close();
    const whole = initializeHappen({
      transport: memoryHub().transport(),
      store: memoryStore(),
      crypto: hostCrypto,
      extensions: [],
      concurrency: {
        default: { maxConcurrent: 1, queueLimit: 1, queueStrategy: 'priority', backpressureThreshold: 1 },
        patterns: { 'api-*': { maxConcurrent: 5 }, 'tenant:acme:*': {} },
      },
      security: {},
      isolation: 'copy',
      causality: { tracking: 'explicit', maxDepth: 100_000 },
      ids: () => 'id',
      logger: silentLogger,
      clock: systemClock,
      system: { environment: 'test', region: 'eu' },
      limits: { maxFrameBytes: 1000, maxItems: 10, maxDepth: 5, maxPayloadBytes: 500 },
    });
    await whole.ready();
    await whole.close();
  });

  it('takes undefined as not given, everywhere', async () => {
    const keys = [
      'store',
      'crypto',
      'extensions',
      'concurrency',
      'security',
      'isolation',
      'causality',
      'ids',
      'logger',
      'clock',
      'system',
      'limits',
      'transport',
    ];
    const none = {
      maxConcurrent: undefined,
      queueLimit: undefined,
      queueStrategy: undefined,
      backpressureThreshold: undefined,
    };
    for (const config of [
      Object.fromEntries(keys.map((key) => [key, undefined])),
      { concurrency: { default: undefined, patterns: undefined } },
      { concurrency: { default: none, patterns: { '*': none } } },
      { causality: { tracking: undefined, maxDepth: undefined } },
      { system: { environment: undefined, region: undefined } },
      { limits: { maxFrameBytes: undefined, maxItems: undefined, maxDepth: undefined, maxPayloadBytes: undefined } },
    ]) {
      const { createNode, close } = initializeHappen(config as object);
      const node = createNode('node', { acceptFrom: undefined, concurrency: undefined } as object);
      node.on('x', () => 'fine');
      expect(await node.send({ type: 'x', payload: 1 })).toBe('fine');
      await expect(node.send({ type: 'x', payload: 'x'.repeat(1_000_000) }).return()).rejects.toMatchObject({
        code: 'HAPPEN_PAYLOAD_TOO_LARGE',
      });
      await close();
    }
  });

  it.each<[string, unknown]>([
    ['config', null],
    ['config', 'local'],
    ['config', []],
    ['nats', { nats: {} }],
    ['Transport', { Transport: {} }],
    ['__proto__', JSON.parse('{"__proto__":{}}')],
    ['transport', { transport: 'nats' }],
    ['transport', { transport: null }],
    ['transport.start', { transport: {} }],
    ['transport.publish', { transport: { start() {}, stop() {}, attach() {}, listen() {} } }],
    ['transport', { transport: { start() {}, stop() {}, attach() {}, listen() {}, publish() {} } }],
    ['store.map', { store: {} }],
    ['store.close', { store: { map() {}, journal() {} } }],
    ['crypto.randomBytes', { crypto: {} }],
    ['crypto.sha256', { crypto: { randomBytes() {} } }],
    ['logger.debug', { logger: {} }],
    ['logger.error', { logger: { debug() {}, info() {}, warn() {} } }],
    ['logger', { logger: console.log }],
    ['clock.now', { clock: {} }],
    ['clock.setTimer', { clock: { now: () => 0 } }],
    ['ids', { ids: 'uuid' }],
    ['ids', { ids: null }],
    ['extensions', { extensions: {} }],
    ['extensions', { extensions: 'state' }],
    ['extensions[0]', { extensions: [null] }],
    ['extensions[0]', { extensions: [undefined] }],
    ['extensions[0].install', { extensions: [{ name: 'x' }] }],
    ['extensions[0].name', { extensions: [extension(5)] }],
    ['extensions[0].name', { extensions: [extension('')] }],
    ['extensions[1].name', { extensions: [extension('x'), extension('x')] }],
    ['concurrency', { concurrency: 5 }],
    ['concurrency.maxConcurrent', { concurrency: { maxConcurrent: 5 } }],
    ['concurrency.default', { concurrency: { default: 5 } }],
    ['concurrency.default.workers', { concurrency: { default: { workers: 5 } } }],
    ['concurrency.default.maxConcurrent', { concurrency: { default: { maxConcurrent: 0 } } }],
    ['concurrency.default.maxConcurrent', { concurrency: { default: { maxConcurrent: 1.5 } } }],
    ['concurrency.default.maxConcurrent', { concurrency: { default: { maxConcurrent: '5' } } }],
    ['concurrency.default.maxConcurrent', { concurrency: { default: { maxConcurrent: Number.POSITIVE_INFINITY } } }],
    ['concurrency.default.queueLimit', { concurrency: { default: { queueLimit: -1 } } }],
    ['concurrency.default.queueStrategy', { concurrency: { default: { queueStrategy: 'lifo' } } }],
    ['concurrency.default.backpressureThreshold', { concurrency: { default: { backpressureThreshold: 0 } } }],
    ['concurrency.default.backpressureThreshold', { concurrency: { default: { backpressureThreshold: 1.1 } } }],
    ['concurrency.default.backpressureThreshold', { concurrency: { default: { backpressureThreshold: Number.NaN } } }],
    ['concurrency.patterns', { concurrency: { patterns: [] } }],
    ['concurrency.patterns["api-*"]', { concurrency: { patterns: { 'api-*': 5 } } }],
    ['concurrency.patterns["api-*"].queueLimit', { concurrency: { patterns: { 'api-*': { queueLimit: 0 } } } }],
    ['security', { security: true }],
    ['security.sign', { security: { sign: 'yes' } }],
    ['security.signer', { security: { signer: true } }],
    ['security.verify', { security: { verify: true } }],
    ['security.keys', { security: { keys: {} } }],
    ['security.trustOnFirstUse', { security: { sign: () => '', trustOnFirstUse: true } }],
    ['security.freshness', { security: { sign: false, freshness: 5_000 } }],
    ['security.keys', { security: { sign: true, keys: [] } }],
    ['security.keys["a"]', { security: { sign: true, keys: { a: [] } } }],
    ['security.keys["a"]', { security: { sign: true, keys: { a: new Uint8Array(32) } } }],
    ['security.keys["a"]', { security: { sign: true, keys: { a: ['ab'] } } }],
    ['security.trustOnFirstUse', { security: { sign: true, trustOnFirstUse: 1 } }],
    ['security.freshness', { security: { sign: true, freshness: 5 } }],
    [
      'crypto.sign',
      { security: { sign: true }, crypto: { randomBytes() {}, sha256() {}, publicKey() {}, verify() {} } },
    ],
    ['crypto.publicKey', { security: { sign: true }, crypto: { randomBytes() {}, sha256() {} } }],
    ['isolation', { isolation: 'none' }],
    ['isolation', { isolation: true }],
    ['causality', { causality: 'automatic' }],
    ['causality.depth', { causality: { depth: 5 } }],
    ['causality.tracking', { causality: { tracking: 'manual' } }],
    ['causality.maxDepth', { causality: { maxDepth: 0 } }],
    ['causality.maxDepth', { causality: { maxDepth: 100_001 } }],
    ['system', { system: 'test' }],
    ['system.zone', { system: { zone: 'a' } }],
    ['system.environment', { system: { environment: 5 } }],
    ['system.region', { system: { region: null } }],
    ['limits', { limits: 5 }],
    ['limits.maxBytes', { limits: { maxBytes: 5 } }],
    ['limits.maxFrameBytes', { limits: { maxFrameBytes: 0 } }],
    ['limits.maxItems', { limits: { maxItems: 2 ** 40 } }],
    ['limits.maxDepth', { limits: { maxDepth: -1 } }],
    ['limits.maxPayloadBytes', { limits: { maxPayloadBytes: '1MB' } }],
  ])('is refused at %s', (path, config) => {
    expect(refusal(config).path).toBe(path);
  });

  it('is refused in words that say what was expected and what was found', () => {
    expect(refusal({ nats: {} }).message).toContain('one of transport, store');
    expect(refusal({ isolation: 'none' }).message).toBe(
      'isolation: expected "freeze" or "copy" or "trust"; found "none".',
    );
    expect(refusal({ causality: { maxDepth: 0 } }).message).toContain('a whole number from 1 to 100000; found 0');
    expect(refusal({ security: { keys: {} } }).message).toContain('only "sign: true" uses it');
    expect(refusal({ security: { sign: true, keys: [] } }).message).toBe(
      'security.keys: expected an object; found a list.',
    );
    expect(refusal({ causality: [] }).message).toBe('causality: expected an object; found a list.');
  });
});

describe('the options of a node', () => {
  it.each<[string, unknown]>([
    ['options', null],
    ['options', 'x'],
    ['options', []],
    ['queue', { queue: 5 }],
    ['acceptFrom', { acceptFrom: 'checkout' }],
    ['acceptFrom', { acceptFrom: [''] }],
    ['acceptFrom', { acceptFrom: [5] }],
    ['concurrency', { concurrency: 5 }],
    ['concurrency.default', { concurrency: { default: {} } }],
    ['concurrency.maxConcurrent', { concurrency: { maxConcurrent: 0 } }],
    ['identity', { identity: 'secret' }],
    ['identity', { identity: new Uint8Array(31) }],
    ['identity.publicKey', { identity: {} }],
    ['identity.sign', { identity: { publicKey: () => new Uint8Array(32) } }],
    ...['delivery', 'connectivity', 'views', 'state', 'temporal'].map((key): [string, unknown] => [key, { [key]: {} }]),
  ])('are refused at %s, and leave no half-made node', (path, options) => {
    const { createNode } = initializeHappen();
    expect(refusal(options, (given) => createNode('node', given)).path).toBe(path);
    expect(createNode('node').id).toBe('node');
  });
});

describe('the concurrency of a node', () => {
  it('is its own, else that of the longest pattern for its id, else that of the space, setting by setting', async () => {
    const { createNode } = initializeHappen({
      concurrency: {
        default: { maxConcurrent: 1, queueLimit: 3 },
        patterns: {
          '*': { maxConcurrent: 2 },
          'api-*': { maxConcurrent: 3, queueLimit: 5 },
          'api-eu-*': { maxConcurrent: 4 },
        },
      },
    });
    /** How many events run and how many wait when more come than fit. */
    const fits = async (id: string, options?: object): Promise<[running: number, waiting: number]> => {
      const node = createNode(id, options);
      let open = (): void => {};
      const gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      let running = 0;
      node.on('x', () => {
        running++;
        return gate;
      });
      const sent = Array.from({ length: 30 }, () =>
        node
          .send({ type: 'x' })
          .return()
          .then(
            () => true,
            () => false,
          ),
      );
      await new Promise((resolve) => setImmediate(resolve));
      const ran = running;
      open();
      const taken = (await Promise.all(sent)).filter(Boolean).length;
      return [ran, taken - ran];
    };
    expect(await fits('web')).toEqual([2, 3]);
    expect(await fits('api-us-1')).toEqual([3, 5]);
    expect(await fits('api-eu-1')).toEqual([4, 3]);
    expect(await fits('api-eu-2', { concurrency: { maxConcurrent: 7 } })).toEqual([7, 3]);
    expect(await fits('api-eu-3', { concurrency: { queueLimit: 1, maxConcurrent: undefined } })).toEqual([4, 1]);
  });

  it('is that of 100 flows and 10 000 waiting events, told from 8 000 on, unless something else is said', async () => {
    const happen = initializeHappen();
    const node = happen.createNode('node');
    const told: unknown[] = [];
    happen.on('node.backpressure', ({ payload }) => void told.push(payload));
    const queue = () => happen.metrics().queues['node'];
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let [begun, done] = [0, 0];
    node.on('x', async () => {
      begun++;
      await gate;
      done++;
    });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const send = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index++) node.send({ type: 'x' });
      await turn();
    };
    await send(100 + 7_999);
    expect([queue(), begun, told]).toEqual([{ running: 100, waiting: 7_999 }, 100, []]);
    await send(2_001);
    expect([queue(), told]).toEqual([
      { running: 100, waiting: 10_000 },
      [{ nodeId: 'node', level: 'high', waiting: 8_000, limit: 10_000 }],
    ]);
    await expect(node.send({ type: 'x' }).return()).rejects.toMatchObject({ code: 'HAPPEN_QUEUE_FULL' });
    open();
    while (done < 10_100) await turn();
    await happen.close();
  });
});
