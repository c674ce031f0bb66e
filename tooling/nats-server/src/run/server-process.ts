import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { configurationText, type Configuration, type ServerPorts } from './configuration.js';
import { keeper, type KeptProcess } from './keeper.js';

/** What stays the same over the restarts of a server. */
export type Setting = Omit<Configuration, 'ports' | 'portsFolder'> & { readonly logToStandardError: boolean };

/** A server that runs, and the ports it has. */
export interface RunningServer {
  readonly process: KeptProcess;
  readonly ports: ServerPorts;
}

/** How long a server may take until it is ready, and how long a taken port is tried again, in milliseconds. */
const patienceMs = { ready: 30_000, takenPort: 5_000 };

/**
 * Starts a server and waits until it is ready: it listens, and its JetStream answers if it has one.
 *
 * @param folder where its files go
 * @param ports -1 lets the server choose
 * @param again whether the ports were its own before; then it insists on them for 5 s
 * @throws Error with what the server said, if it ends or does not become ready in 30 s
 */
export async function runServer(
  path: string,
  folder: string,
  ports: ServerPorts,
  setting: Setting,
  again: boolean,
  signal: AbortSignal | undefined,
): Promise<RunningServer> {
  const giveUpAt = Date.now() + (again ? patienceMs.takenPort : 0);
  for (;;) {
    try {
      return await attempt(path, folder, ports, setting, signal);
    } catch (error) {
      // Between two runs a client that looks for the server may hold its port for a moment.
      if (!isTakenPort(error) || Date.now() >= giveUpAt) throw error;
      await keeper().wait(pause(50));
    }
  }
}

/** Whether a server did not start because another process has one of its ports. */
export function isTakenPort(error: unknown): boolean {
  return error instanceof Error && /address already in use|Only one usage of each socket address/.test(error.message);
}

async function attempt(
  path: string,
  folder: string,
  ports: ServerPorts,
  setting: Setting,
  signal: AbortSignal | undefined,
): Promise<RunningServer> {
  signal?.throwIfAborted();
  mkdirSync(folder, { recursive: true });
  const runFolder = mkdtempSync(join(folder, 'run-'));
  const file = join(runFolder, 'server.conf');
  const log = setting.logToStandardError ? undefined : join(runFolder, 'server.log');
  // The file may hold passwords.
  writeFileSync(file, configurationText({ ...setting, ports, portsFolder: runFolder }), { mode: 0o600 });
  const process = await keeper().start(path, ['--config', file], log);
  try {
    return { process, ports: await keeper().wait(whenReady(process, runFolder, ports, signal)) };
  } catch (error) {
    await process.signal('SIGKILL');
    await keeper().wait(process.ended);
    signal?.throwIfAborted();
    const said = log === undefined ? '' : complaints(log);
    rmSync(runFolder, { recursive: true, force: true });
    throw new Error(`nats-server did not start: ${said || (error instanceof Error ? error.message : String(error))}`, {
      cause: error,
    });
  }
}

async function whenReady(
  process: KeptProcess,
  folder: string,
  wanted: ServerPorts,
  signal: AbortSignal | undefined,
): Promise<ServerPorts> {
  const giveUpAt = Date.now() + patienceMs.ready;
  let ports: ServerPorts | undefined;
  for (let tries = 0; ; tries += 1) {
    signal?.throwIfAborted();
    if (process.ending !== undefined) throw new Error(`it ended with ${process.ending.code ?? process.ending.signal}`);
    if (Date.now() > giveUpAt) throw new Error(`it was not ready after ${patienceMs.ready / 1000} s`);
    ports ??= readPorts(join(folder, `nats-server_${process.pid}.ports`), wanted);
    if (ports !== undefined && (await isHealthy(ports.monitoring))) return ports;
    await pause(tries < 50 ? 4 : 25);
  }
}

/** The server writes the file when it listens on every port, but a reader may still see half of it. */
function readPorts(file: string, wanted: ServerPorts): ServerPorts | undefined {
  let listening: { readonly [protocol: string]: readonly string[] | undefined };
  try {
    listening = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
  const port = (protocol: string) => Number(/:(\d+)$/.exec(listening[protocol]?.[0] ?? '')?.[1] ?? 0);
  const ports = {
    client: port('nats') || port('tls'),
    webSocket: wanted.webSocket === 0 ? 0 : port('websocket'),
    monitoring: port('monitoring'),
    cluster: wanted.cluster,
  };
  const complete = ports.client > 0 && ports.monitoring > 0 && (wanted.webSocket === 0 || ports.webSocket > 0);
  return complete ? ports : undefined;
}

/** In a cluster JetStream is well only once there is a leader, so there the server itself is asked for. */
async function isHealthy(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/healthz?js-server-only=true`, {
      signal: AbortSignal.timeout(5_000),
    });
    await response.text();
    return response.ok;
  } catch {
    return false;
  }
}

/** The lines in which a server says why it won't start. */
function complaints(log: string): string {
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  const wrong = lines.filter((line) => /\[(FTL|ERR)\]|^nats-server:/.test(line));
  return (wrong.length > 0 ? wrong : lines.slice(-3))
    .map((line) => line.replace(/^\[\d+\] \S+ \S+ \[\w+\] /, ''))
    .slice(0, 5)
    .join('; ');
}
