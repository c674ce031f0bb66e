import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type NatsServer, startServer } from '@happen/nats-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Participant, takePart } from '../../src/nats/participant.js';
import { buildProgram } from '../bundle.js';
import { runtime, runtimeName } from '../runtime.js';
import { askOnceThere, until } from './askers.js';
import { expected } from './expected.js';

describe(`happen over NATS in ${runtimeName}`, () => {
  let server: NatsServer;
  let here: Participant;
  let child: ChildProcess;
  let said: AsyncIterableIterator<string>;
  let errors = '';

  beforeAll(async () => {
    server = await startServer({ jetstream: false });
    here = takePart('server', { connection: { servers: [server.url], reconnectTimeWait: 50 } });
    const [command, ...args] = runtime;
    child = spawn(command, [...args, await buildProgram('nats/program'), server.url], { stdio: 'pipe' });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
    said = createInterface(child.stdout as NonNullable<typeof child.stdout>)[Symbol.asyncIterator]();
    await here.happen.ready();
    const { value } = (await said.next()) as { value?: string };
    expect(value, errors).toBe('ready');
  });

  afterAll(async () => {
    child?.kill('SIGKILL');
    await here?.leave();
    await server?.stop();
  });

  it('answers this process', async () => {
    expect(await here.converse('elsewhere')).toEqual(expected);
  });

  it('asks this process', async () => {
    expect(await here.ask('elsewhere', { type: 'converse', payload: 'server' })).toEqual(expected);
  });

  it('comes back by itself when the server does, and says so', async () => {
    await server.kill();
    await until(() => here.statuses.includes('disconnected'));
    await server.restart();
    await until(() => here.statuses.includes('reconnected'));
    expect(await askOnceThere(here, 'elsewhere', { type: 'statuses' })).toEqual([
      'connected',
      'disconnected',
      'reconnecting',
      'reconnected',
    ]);
    expect(await here.converse('elsewhere')).toEqual(expected);
    expect(await here.ask('elsewhere', { type: 'converse', payload: 'server' })).toEqual(expected);
  });

  it('leaves when it closes, with nothing left undone, and ends', async () => {
    const ended = once(child, 'close');
    await here.ask('elsewhere', { type: 'leave' });
    const { value } = (await said.next()) as { value: string };
    expect(JSON.parse(value)).toEqual({ unfinished: 0, statuses: expect.arrayContaining(['closed']) as unknown });
    expect(await ended).toEqual([0, null]);
    expect(errors).toBe('');
    await expect(here.ask('elsewhere', { type: 'echo' })).rejects.toMatchObject({ code: 'HAPPEN_NO_SUCH_NODE' });
  });
});
