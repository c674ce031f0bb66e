import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startServer } from '@happen/nats-server';
import { expect, it } from 'vitest';
import { type Logger, silentLogger } from '@happen/core';
import { endOf, until } from '../ends.js';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

it('goes on connecting in the background, with one warning, until there is a server', async () => {
  const port = await freePort();
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_details, message) => void warnings.push(message) };
  await using end = endOf(`nats://127.0.0.1:${port}`, 's', { logger, options: { reconnectTimeWait: 20 } });
  const started = end.start();
  await until(() => warnings.length > 0);
  await new Promise((resolve) => void setTimeout(resolve, 200));
  await using server = await startServer({ jetstream: false, ports: { client: port } });
  expect(server.port).toBe(port);
  await started;
  expect(end.status).toEqual(['connected']);
  expect(warnings).toHaveLength(1);
});

it('gives up at once where it is told not to reconnect', async () => {
  await using end = endOf(`nats://127.0.0.1:${await freePort()}`, 's', { options: { reconnect: false } });
  await expect(end.start()).rejects.toMatchObject({ code: 'HAPPEN_DISCONNECTED' });
});

it('keeps no process alive that waits for a server and does nothing else', async () => {
  const program = fileURLToPath(new URL('./processes/without-server.mjs', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=happen-source', program, `nats://127.0.0.1:${await freePort()}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  child.stdout.on('data', (text) => (said += String(text)));
  const [code] = (await once(child, 'exit')) as [number | null];
  expect({ code, said }).toEqual({ code: 0, said: 'waiting\n' });
});
