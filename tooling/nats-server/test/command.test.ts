import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { parseRequest, usualPorts } from '../src/command/options.js';
import { findServer, startServer } from '../src/index.js';
import { Wire } from './wire.js';

const command = fileURLToPath(new URL('../bin/happen-nats-server.js', import.meta.url));

const run = (...args: string[]) => runFile(command, ...args);

function runFile(file: string, ...args: string[]) {
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [file, ...args], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

it('prints the path alone', async () => {
  const { path } = await findServer({ version: 'floor' });
  expect(await run('find', '--version', 'floor')).toEqual({ code: 0, stdout: `${path}\n`, stderr: '' });
});

it('lists its options', async () => {
  expect(await run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('--websocket-port') });
  expect(parseRequest(['start', '-h'])).toEqual({ command: 'help' });
});

it.each([
  [['begin'], 'There is no command "begin"'],
  [['find', '--version', '2.9'], '--version takes floor or newest; found "2.9".'],
  [['start', '--port', '65536'], '--port takes a number from 0 to 65535; found "65536".'],
  [['start', '--websocket-port', '-1'], '--websocket-port'],
  [['start', '--store='], '--store is empty'],
  [['fetch', '--port', '1'], "Unknown option '--port'"],
])('refuses %j', async (args, reason) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(reason);
});

it.each(['SIGINT', 'SIGTERM'] as const)(
  'runs a server until %s, and leaves its data where it was told',
  async (signal) => {
    const store = mkdtempSync(join(tmpdir(), 'happen-store-'));
    const args = ['start', '--port', '0', '--websocket-port', '0', '--store', store];
    const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => {
      child.kill('SIGKILL');
      rmSync(store, { recursive: true });
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const url = String((await lines.next()).value);
    expect((await lines.next()).value).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
    const wire = await Wire.to(url);
    await wire.greet();
    const exited = once(child, 'exit');
    child.kill(signal);
    expect(await exited).toEqual([0, null]);
    await expect(wire.hear(/never/)).rejects.toThrow('ended');
    expect(readdirSync(store)).toContain('jetstream');
  },
);

it('takes another port for WebSockets where the usual one is taken and none was asked for', async () => {
  const holder = createServer();
  // Whoever has it already does as well.
  holder.on('error', () => {});
  holder.listen(usualPorts.webSocket, '127.0.0.1');
  const child = spawn(process.execPath, [command, 'start', '--port', '0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(async () => {
    holder.close();
    const exited = child.exitCode ?? once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toMatch(/^nats:/);
  const { port } = new URL(String((await lines.next()).value));
  expect(Number(port)).toBeGreaterThan(0);
  expect(Number(port)).not.toBe(usualPorts.webSocket);
});

it('runs in the root of the workspace', () => {
  const commands = readdirSync(new URL('../../../node_modules/.bin/', import.meta.url));
  expect(commands).toContain('happen-nats-server');
});

it('says what to do before it is built', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'happen-unbuilt-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const unbuilt = join(folder, 'bin', 'happen-nats-server.mjs');
  mkdirSync(join(folder, 'bin'));
  copyFileSync(command, unbuilt);
  const { code, stderr } = await runFile(unbuilt, 'find');
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('npm run build') });
});

it('says so when the port is taken', async () => {
  const server = await startServer({ jetstream: false });
  onTestFinished(() => server.stop());
  const { code, stderr } = await run('start', '--port', String(server.port), '--websocket-port', '0');
  expect(code).toBe(1);
  expect(stderr).toMatch(/address already in use[^]*nats-server did not start/);
});
