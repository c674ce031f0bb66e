import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startServer } from '@happen/nats-server';
import { describe, expect, it } from 'vitest';
import { onlyLine, run as runSources, type Running, start as startSources, type Started } from './app.js';

const northwind = fileURLToPath(new URL('../../../../../shared/data/northwind/', import.meta.url));
const files = [
  '--orders',
  'orders.csv',
  '--items',
  'order_details.csv',
  '--products',
  'products.csv',
  '--customers',
  'customers.csv',
];

const start = (options: readonly string[], started: Started = {}) => startSources(options, { ...started, built: true });
const run = (options: readonly string[], started: Started = {}) => runSources(options, { ...started, built: true });

/** The processes of a run that has told of them. */
async function processesOf(running: Running): Promise<ReadonlyMap<string, number>> {
  await running.wrote('order-service is process ');
  const told = running.stderr().matchAll(/^([a-z-]+) is process (\d+)$/gm);
  return new Map([...told].map(([, part, pid]) => [part as string, Number(pid)]));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilGone(pids: Iterable<number>): Promise<void> {
  const left = new Set(pids);
  const deadline = Date.now() + 20_000;
  while (left.size > 0) {
    for (const pid of left) if (!isAlive(pid)) left.delete(pid);
    if (Date.now() > deadline) throw new Error(`still there: ${[...left].join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the app with each service in a process of its own', { timeout: 120_000 }, () => {
  it('does the same as in one process, and leaves no process behind', async () => {
    const options = ['--json', '--trace', '204', '--service-time', '0'];
    const together = await run(options);
    const running = start(['--processes', ...options]);
    running.end('');
    const processes = await processesOf(running);
    expect([...processes.keys()].sort()).toEqual([
      'dashboard',
      'inventory-service',
      'notification-service',
      'order-service',
      'payment-service',
      'shipping-service',
      'supervisor',
    ]);
    const apart = await running.ended;
    expect(apart.exitCode).toBe(0);
    const anyTime = { durationMs: expect.any(Number) };
    expect(onlyLine(apart)).toEqual({ ...onlyLine(together), ...anyTime });
    const traceOf = (stderr: string): string[] =>
      stderr.slice(stderr.indexOf('What order 204 caused')).split('\n').sort();
    expect(traceOf(apart.stderr)).toEqual(traceOf(together.stderr));
    await untilGone(processes.values());
  });

  // On a machine of one's own the files may be missing; in CI that is a failure.
  it.runIf(existsSync(northwind) || process.env.CI !== undefined)(
    'comes to the same with 830 real orders',
    async () => {
      const options = [...files, '--json', '--payment-failure-rate', '0.3'];
      const [together, apart] = [
        await run(options, { folder: northwind }),
        await run(['--processes', ...options], { folder: northwind }),
      ];
      expect(onlyLine(apart)).toEqual({ ...onlyLine(together), durationMs: expect.any(Number) });
    },
  );

  it('uses servers that are there, also twice at a time', async () => {
    await using server = await startServer({ jetstream: false });
    const options = ['--processes', '--servers', server.url, '--json'];
    const ended = await Promise.all([run(options), run(options)]);
    for (const each of ended) {
      expect(onlyLine(each)).toMatchObject({ orders: 10, fulfilled: 8 });
      expect(each.stderr).not.toContain('nats-server ');
    }
  });

  it('says so if there is no server', async () => {
    const { exitCode, stderr } = await run(['--processes', '--servers', 'nats://127.0.0.1:1']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('There is no NATS server at nats://127.0.0.1:1');
  });

  it('fails orders with a reason when the process of a service is killed, and ends', async () => {
    const running = start(['--processes', '--json', '--service-time', '100']);
    running.end('');
    const processes = await processesOf(running);
    await running.wrote('Order 201:');
    process.kill(processes.get('payment-service') as number, 'SIGKILL');
    const ended = await running.ended;
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain('payment-service: its process ended (SIGKILL).');
    const result = onlyLine(ended) as { orders: number; rejected: { failed: number } };
    expect(result.orders).toBe(10);
    expect(result.rejected.failed).toBeGreaterThan(0);
    expect(ended.stderr).toMatch(/^Order 2\d\d: failed; .*payment-service/m);
    await untilGone(processes.values());
  });

  it('ends its processes with Ctrl-C, and when it is killed itself', async () => {
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const running = start(['--processes', '--service-time', '200']);
      const processes = await processesOf(running);
      running.kill(signal);
      const { exitCode } = await running.ended;
      if (signal === 'SIGINT') expect(exitCode).toBe(130);
      await untilGone(processes.values());
    }
  });
});
