import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FlowContext, type HappenEvent, initializeHappen } from '@happen/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe('Runtime philosophy', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'happen-guide-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('a handler writes a file with the runtime and turns a failure into a result', async () => {
    await using happen = initializeHappen();
    const fileNode = happen.createNode('file-service');
    const editor = happen.createNode('editor');
    fileNode.on('save-document', async (event) => {
      const { path, content } = event.payload;
      try {
        await writeFile(path, content);
        return { status: 'success', path };
      } catch (error) {
        return { status: 'error', reason: (error as Error).message };
      }
    });

    const path = join(folder, 'document.txt');
    const saved = await editor.send(fileNode, { type: 'save-document', payload: { path, content: 'first draft' } });
    const refused = await editor.send(fileNode, { type: 'save-document', payload: { path: folder, content: 'x' } });

    expect(saved).toEqual({ status: 'success', path });
    expect(await readFile(path, 'utf8')).toBe('first draft');
    expect(refused).toEqual({ status: 'error', reason: expect.stringContaining('EISDIR') });
  });

  it('a node runs an HTTP server and answers its requests by a flow, synchronously', async () => {
    await using happen = initializeHappen();
    const httpNode = Object.assign(happen.createNode('web'), { server: undefined as Server | undefined });
    const operator = happen.createNode('operator');
    httpNode.on('start-server', async (event) => {
      const server = createServer((request, response) => {
        const responseEvent = httpNode.processSync({
          type: 'http-request',
          payload: { url: request.url, method: request.method, headers: { ...request.headers }, body: request },
        });
        response.writeHead(responseEvent.payload.status, responseEvent.payload.headers);
        response.end(responseEvent.payload.body);
      });
      server.listen(event.payload.port, '127.0.0.1');
      await once(server, 'listening');
      httpNode.server = server;
      return { status: 'started', port: (server.address() as AddressInfo).port };
    });
    httpNode.on('http-request', function route(event, context) {
      context.path = event.payload.url.split('?')[0];
      return context.path === '/orders' ? listOrders : notFound;
    });
    function listOrders(event: HappenEvent): unknown {
      const streams = typeof event.payload.body.pipe === 'function';
      return {
        status: 200,
        headers: { 'x-method': event.payload.method },
        body: `orders, body is a stream: ${streams}`,
      };
    }
    function notFound(_event: HappenEvent, context: FlowContext): unknown {
      return { status: 404, headers: {}, body: `nothing at ${context.path}` };
    }

    const { status, port } = await operator.send(httpNode, { type: 'start-server', payload: { port: 0 } }).return();
    try {
      const found = await fetch(`http://127.0.0.1:${port}/orders?page=1`, { method: 'POST', body: 'hello' });
      const missing = await fetch(`http://127.0.0.1:${port}/nowhere`);

      expect(status).toBe('started');
      expect([found.status, found.headers.get('x-method'), await found.text()]).toEqual([
        200,
        'POST',
        'orders, body is a stream: true',
      ]);
      expect([missing.status, await missing.text()]).toEqual([404, 'nothing at /nowhere']);
    } finally {
      httpNode.server?.closeAllConnections();
      httpNode.server?.close();
    }
  });

  it('what a user hangs on a node is there for its handlers too', async () => {
    await using happen = initializeHappen();
    const cacheNode = Object.assign(happen.createNode('cache'), { entries: new Map([['a', 1]]) });
    cacheNode.on('look-up', (event, context) => [
      cacheNode.entries.get(event.payload.key),
      (context.node as typeof cacheNode).entries === cacheNode.entries,
    ]);

    expect(await cacheNode.send({ type: 'look-up', payload: { key: 'a' } })).toEqual([1, true]);
  });

  it('a handler queries a database through the runtime', async () => {
    await using happen = initializeHappen();
    const databaseNode = happen.createNode('database');
    const users = ['Ada', 'Grace', 'Adele'];
    const db = {
      prepare: (sql: string) => ({
        all: (like: string) =>
          sql.includes('LIKE') ? users.filter((name) => name.includes(like.slice(1, -1))) : users,
      }),
    };
    databaseNode.on('query-users', async (event) => {
      const { filter } = event.payload;
      const statement = db.prepare('SELECT * FROM users WHERE name LIKE ?');
      return { users: statement.all(`%${filter}%`) };
    });

    expect(await databaseNode.send({ type: 'query-users', payload: { filter: 'Ad' } })).toEqual({
      users: ['Ada', 'Adele'],
    });
  });

  it('a handler processes binary data with whatever the runtime has', async () => {
    await using happen = initializeHappen();
    const processingNode = happen.createNode('images');
    const imagePath = join(folder, 'image.raw');
    await writeFile(imagePath, new Uint8Array([1, 2, 3]));
    processingNode.on('process-image', async (event) => {
      const { imagePath, options } = event.payload;
      const imageData = await readFile(imagePath);
      const processed = imageData.map((byte) => byte * options.gain);
      await writeFile(`${imagePath}.processed`, processed);
      return { status: 'completed', outputPath: `${imagePath}.processed` };
    });

    const result = await processingNode.send({ type: 'process-image', payload: { imagePath, options: { gain: 10 } } });

    expect(result).toEqual({ status: 'completed', outputPath: `${imagePath}.processed` });
    expect([...(await readFile(result.outputPath))]).toEqual([10, 20, 30]);
  });

  it('a handler calls a capability of the runtime and answers with what it returns', async () => {
    await using happen = initializeHappen();
    const node = happen.createNode('node');
    node.on('use-new-feature', (event) => {
      const result = structuredClone(event.payload);
      return { result };
    });

    const payload = { nested: { list: [1, 2, 3] }, at: new Date(0) };
    expect(await node.send({ type: 'use-new-feature', payload })).toEqual({ result: payload });
  });

  it('a handler awaits a function that uses a library', async () => {
    await using happen = initializeHappen();
    const analyticsNode = happen.createNode('analytics');
    const someAnalyticsLibrary = {
      process: async (dataset: number[]) => ({ sum: dataset.reduce((sum, value) => sum + value, 0) }),
    };
    analyticsNode.on('analyze-data', async (event) => {
      const { dataset } = event.payload;
      const analysis = await performAnalysis(dataset);
      return { results: analysis };
    });
    async function performAnalysis(dataset: number[]): Promise<unknown> {
      return await someAnalyticsLibrary.process(dataset);
    }

    expect(await analyticsNode.send({ type: 'analyze-data', payload: { dataset: [1, 2, 3] } })).toEqual({
      results: { sum: 6 },
    });
  });

  it('a function makes a node with its handlers, and its id decides which', async () => {
    await using happen = initializeHappen();
    const { createNode } = happen;
    function createFileNode(id: string) {
      const node = createNode(id);
      node.on('read-file', async (event) => {
        try {
          return { content: await readFile(event.payload.path, 'utf8') };
        } catch (error) {
          return { error: (error as Error).message };
        }
      });
      return node;
    }
    const reader = createNode('reader');
    const files = createFileNode('files');
    const path = join(folder, 'note.txt');
    await writeFile(path, 'read me');

    expect(files.id).toBe('files');
    expect(await reader.send(files, { type: 'read-file', payload: { path } })).toEqual({ content: 'read me' });
    expect(await reader.send(files, { type: 'read-file', payload: { path: `${path}.gone` } })).toEqual({
      error: expect.stringContaining('ENOENT'),
    });
  });
});
