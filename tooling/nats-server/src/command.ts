import { resolve } from 'node:path';
import { helpText } from './command/help.js';
import { isFree } from './command/is-free.js';
import { parseRequest, UsageError, usualPorts, type Request } from './command/options.js';
import { fetchServer, findServer } from './find/find-server.js';
import { startServer } from './run/start-server.js';

// The process: command line, signals, exit code.

const stopping = new AbortController();
const stopped = new Promise<void>((resolveStopped) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stopping.abort(new Error(signal));
      resolveStopped();
    });
  }
});

/** The usual one, unless it is taken. */
async function webSocketPortBeside(port: number): Promise<number> {
  const usual = usualPorts.webSocket;
  return port !== usual && (await isFree(usual)) ? usual : 0;
}

async function main(request: Request): Promise<number> {
  const { signal } = stopping;
  if (request.command === 'help') {
    process.stdout.write(helpText);
    return 0;
  }
  if (request.command !== 'start') {
    const get = request.command === 'find' ? findServer : fetchServer;
    const { path } = await get({ version: request.version, signal });
    process.stdout.write(`${path}\n`);
    return 0;
  }
  const { port, webSocketPort = await webSocketPortBeside(request.port) } = request;
  const server = await startServer({
    serverVersion: request.version,
    ports: { client: port || -1, webSocket: webSocketPort || -1 },
    storeDir: request.store === undefined ? undefined : resolve(request.store),
    logToStandardError: true,
    signal,
  });
  process.stdout.write(`${server.url}\n${server.webSocketUrl}\n`);
  const ending = await Promise.race([server.whenEnded(), stopped]);
  await server.stop();
  if (ending === undefined || signal.aborted) return 0;
  process.stderr.write(`nats-server ended by itself (${ending.code ?? ending.signal}).\n`);
  return 1;
}

try {
  process.exitCode = await main(parseRequest(process.argv.slice(2)));
} catch (error) {
  if (stopping.signal.aborted) {
    process.exitCode = 0;
  } else if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\nhappen-nats-server --help lists the options.\n`);
    process.exitCode = 2;
  } else {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
