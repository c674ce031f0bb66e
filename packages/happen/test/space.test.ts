import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type NatsServer, startServer } from '@happen/nats-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HappenError, initializeHappen, memoryHub } from '../src/index.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const nowhere = 'nats://127.0.0.1:1';

/** Runs a program of this package's sources in a process of its own. */
function runProgram(name: string, environment: Record<string, string> = {}) {
  const program = fileURLToPath(new URL(`programs/${name}`, import.meta.url));
  const options = ['--conditions=happen-source', '--import', import.meta.resolve('tsx'), program];
  const child = spawn(process.execPath, options, { env: { ...process.env, ...environment }, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise<{ exitCode: number | null; output: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, output }));
  });
}

describe('a space that joins NATS by itself', () => {
  let server: NatsServer;
  let spaces = 0;
  beforeAll(async () => {
    server = await startServer({ jetstream: false });
  });
  afterAll(() => server.stop());

  /** As many spaces as are asked for, which hear each other and nobody else. */
  function joined() {
    return initializeHappen({
      logger: silent,
      nats: { space: `space ${spaces}`, connection: { servers: server.url } },
    });
  }

  it('reaches the nodes of another one', async () => {
    spaces++;
    await using here = joined();
    await using there = joined();
    there.createNode('inventory').on('reserve', ({ payload }) => ({ left: 10 - payload.quantity }));
    await Promise.all([here.ready(), there.ready()]);
    const orders = here.createNode('orders', { delivery: 'at-most-once' });
    expect(await orders.send('inventory', { type: 'reserve', payload: { quantity: 3 } })).toEqual({ left: 7 });
    await expect(orders.send('nobody', { type: 'reserve' })).rejects.toMatchObject({ code: 'HAPPEN_NO_SUCH_NODE' });
  });

  it('tells which nodes there are, and waits for those that are yet to come', async () => {
    spaces++;
    await using here = joined();
    const watched: string[] = [];
    here.nodes.watch(({ kind, node }) => void watched.push(`${kind} ${node.id}`));
    expect(here.nodes.nodes()).toEqual([]);
    here.createNode('orders');
    await here.nodes.waitFor('orders');
    const both = here.nodes.waitFor(['orders', 'inventory', 'billing'], { timeout: '20s' });
    await using there = joined();
    const inventory = there.createNode('inventory');
    await here.nodes.waitFor('inventory');
    await inventory.close();
    // Not yet all at the same time.
    there.createNode('billing');
    await here.nodes.waitFor('billing');
    const late = here.nodes.waitFor(['orders', 'inventory'], { timeout: 1 });
    await expect(late).rejects.toMatchObject({ code: 'HAPPEN_TIMEOUT', details: { missing: ['inventory'] } });
    there.createNode('inventory').on('count', () => 3);
    await both;
    expect(await here.createNode('asker').send('inventory', { type: 'count' })).toBe(3);
    expect(watched.filter((each) => each.endsWith('inventory') && !each.startsWith('changed'))).toEqual([
      'added inventory',
      'removed inventory',
      'added inventory',
    ]);
  });

  it('ends a wait for nodes when it is cancelled, and when the space closes', async () => {
    const here = joined();
    const reason = new Error('enough');
    const cancelled = here.nodes.waitFor('nobody', { signal: AbortSignal.abort(reason) });
    await expect(cancelled).rejects.toMatchObject({ code: 'HAPPEN_CANCELLED', cause: reason });
    const abort = new AbortController();
    const later = here.nodes.waitFor('nobody', { signal: abort.signal });
    abort.abort(reason);
    await expect(later).rejects.toMatchObject({ code: 'HAPPEN_CANCELLED', cause: reason });
    const waiting = here.nodes.waitFor('nobody');
    await Promise.all([expect(waiting).rejects.toMatchObject({ code: 'HAPPEN_CLOSED' }), here.close()]);
    await expect(here.nodes.waitFor('nobody')).rejects.toMatchObject({ code: 'HAPPEN_CLOSED' });
    await expect(here.nodes.waitFor('nobody', { timeout: 'soon' })).rejects.toMatchObject({
      code: 'HAPPEN_INVALID_OPTION',
    });
  });

  it('says why nobody came where there is no connection', async () => {
    await using here = initializeHappen({ logger: silent, nats: { connection: { servers: nowhere } } });
    await expect(here.nodes.waitFor('anybody', { timeout: 5 })).rejects.toMatchObject({
      code: 'HAPPEN_TIMEOUT',
      message: expect.stringContaining('no connection to a NATS server') as string,
    });
  });

  it('knows of no nodes without NATS, and says so to those who wait', async () => {
    await using alone = initializeHappen({ nats: false });
    alone.createNode('here');
    expect(alone.nodes.nodes()).toEqual([]);
    await expect(alone.nodes.waitFor('here')).rejects.toMatchObject({ code: 'HAPPEN_NOT_AVAILABLE' });
  });

  it('does not reach those of a space of another name', async () => {
    await using here = initializeHappen({ logger: silent, nats: { space: 'a', connection: { servers: server.url } } });
    await using there = initializeHappen({ logger: silent, nats: { space: 'b', connection: { servers: server.url } } });
    there.createNode('inventory').on('reserve', () => 'done');
    await Promise.all([here.ready(), there.ready()]);
    const failing = here.createNode('orders').send('inventory', { type: 'reserve' });
    await expect(failing).rejects.toMatchObject({ code: 'HAPPEN_NO_SUCH_NODE' });
  });

  it('takes the servers that are meant for this runtime', async () => {
    const connection = { server: { servers: [server.url] }, browser: { servers: ['ws://127.0.0.1:1'] } };
    await using happen = initializeHappen({ logger: silent, nats: { connection } });
    await happen.ready();
    expect(happen.health().status).toBe('ok');
  });

  it('takes the servers of NATS_URL where none are named', async () => {
    const { exitCode, output } = await runProgram('ready.ts', { NATS_URL: ` ${server.url} ,` });
    expect(output).toBe('ready\n');
    expect(exitCode).toBe(0);
  });

  it('refuses a server without JetStream where that is asked for', async () => {
    const connection = { servers: server.url, jetstream: true };
    await using happen = initializeHappen({ logger: silent, nats: { connection } });
    await expect(happen.ready()).rejects.toMatchObject({
      code: 'HAPPEN_DISCONNECTED',
      message: expect.stringContaining('no JetStream') as string,
    });
  });
});

describe('a space without a server', () => {
  it('delivers within the process at once, warns once, and does not keep the process alive', async () => {
    const { exitCode, output } = await runProgram('local.ts', { NATS_URL: nowhere });
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^HELLO\n/m);
    expect(output.match(/there is no NATS server/g)).toHaveLength(1);
  });

  it('keeps a request to an id that it does not know for as long as it may take, and then says why it failed', async () => {
    await using happen = initializeHappen({ logger: silent, nats: { connection: { servers: nowhere } } });
    const begun = performance.now();
    const failing = happen.createNode('orders').send('inventory', { type: 'reserve' }, { timeout: 300 }).return();
    await expect(failing).rejects.toMatchObject({ code: 'HAPPEN_DISCONNECTED' });
    expect(performance.now() - begun).toBeGreaterThan(250);
  });

  it('hands over what waited once there is one', async () => {
    const port = await freePort();
    const servers = `nats://127.0.0.1:${port}`;
    const config = { logger: silent, nats: { space: 'late', connection: { servers, reconnectTimeWait: 50 } } };
    await using here = initializeHappen(config);
    await using there = initializeHappen(config);
    there.createNode('inventory').on('reserve', () => 'done');
    await using server = await startServer({ jetstream: false, ports: { client: port } });
    expect(server.url).toBe(servers);
    await there.ready();
    expect(await here.createNode('orders').send('inventory', { type: 'reserve' })).toBe('done');
  });
});

describe('the tree of settings', () => {
  const refusal = (config: unknown): HappenError => {
    try {
      initializeHappen(config as object);
    } catch (error) {
      return error as HappenError;
    }
    throw new Error('it was taken');
  };

  it('names the path of what is wrong, wherever it is checked', () => {
    expect(refusal({ nat: {} }).message).toMatch(/^nat: unknown key; expected one of nats, transport, store, /);
    expect(refusal({ nats: { space: 7 } })).toMatchObject({ details: { path: 'nats.space' } });
    expect(refusal({ nats: { connection: { user: 7 } } })).toMatchObject({
      message: 'nats.connection.user: expected a string; found 7.',
      details: { path: 'nats.connection.user' },
    });
    expect(refusal({ nats: { connection: { userr: 'x' } } }).message).toMatch(
      /^nats\.connection\.userr: unknown key; /,
    );
    expect(refusal({ concurrency: { default: { maxConcurrent: 0 } } })).toMatchObject({
      details: { path: 'concurrency.default.maxConcurrent' },
    });
  });

  it('shows no secret', () => {
    const secret = ['hush'];
    for (const key of ['password', 'token', 'nkey', 'credentials']) {
      const { message } = refusal({ nats: { connection: { user: 'u', [key]: secret } } });
      expect(message).toMatch(new RegExp(`^nats\\.connection\\.${key}: `));
      expect(message).not.toContain('hush');
    }
  });

  it('has either NATS or another transport', async () => {
    const transport = memoryHub().transport();
    expect(refusal({ nats: {}, transport })).toMatchObject({ details: { path: 'nats' } });
    await using happen = initializeHappen({ transport });
    await happen.ready();
  });

  it('leaves NATS out where it is false', async () => {
    await using happen = initializeHappen({ nats: false });
    await happen.ready();
    const node = happen.createNode('alone');
    node.on('ping', () => 'pong');
    expect(await node.send({ type: 'ping' })).toBe('pong');
  });

  it('refuses what nodes can not have yet', () => {
    const { createNode } = initializeHappen({ nats: false });
    expect(() => createNode('a', { delivery: 'exactly-once' as never })).toThrow(/^delivery: not available yet\. /);
    expect(() => createNode('a', { delivery: { mode: 'at-least-once' } as never })).toThrow(
      /^delivery\.mode: not available/,
    );
    expect(() => createNode('a', { delivery: { mode: 'at-most-once', retries: 3 } as never })).toThrow(
      /^delivery\.retries: not/,
    );
    expect(() => createNode('a', { delivery: 'never' as never })).toThrow(/^delivery: expected "at-most-once" or /);
    expect(() => createNode('a', { state: {} } as never)).toThrow(/not available yet/);
    expect(createNode('a', { delivery: { mode: 'at-most-once' }, exclusive: true }).id).toBe('a');
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
