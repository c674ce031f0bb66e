import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer } from '../src/index.js';
import { eachServer } from '../src/vitest.js';

// It is worth nothing but for these tests, and valid for a hundred years.
const certFile = fileURLToPath(new URL('fixtures/certificate.pem', import.meta.url));
const keyFile = fileURLToPath(new URL('fixtures/key.pem', import.meta.url));
const trusted = { ca: readFileSync(certFile), servername: 'localhost' };

describe.each(eachServer)('on the $version server', ({ version: serverVersion }) => {
  it('speaks TLS on TCP and WebSocket, also after a restart', async () => {
    const server = await startServer({ serverVersion, tls: { certFile, keyFile } });
    onTestFinished(() => server.stop());
    await server.restart();
    expect(server.url).toBe(`tls://127.0.0.1:${server.port}`);
    expect(server.webSocketUrl).toBe(`wss://127.0.0.1:${server.webSocketPort}`);

    const plain = connectTcp(server.port, '127.0.0.1');
    onTestFinished(() => void plain.destroy());
    const [info] = (await once(plain, 'data')) as [Buffer];
    expect(String(info)).toContain('"tls_required":true');
    const encrypted = connect({ ...trusted, socket: plain });
    await once(encrypted, 'secureConnect');
    expect(encrypted.authorized).toBe(true);
    encrypted.write('CONNECT {"verbose":false}\r\nPING\r\n');
    let heard = '';
    while (!heard.includes('PONG')) heard += String(((await once(encrypted, 'data')) as [Buffer])[0]);

    const webSocket = connect({ ...trusted, host: '127.0.0.1', port: server.webSocketPort });
    onTestFinished(() => void webSocket.destroy());
    await once(webSocket, 'secureConnect');
    expect(webSocket.authorized).toBe(true);
  });
});
