import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { keeper } from './keeper.js';
import type { NatsServer } from './nats-server.js';
import { isTakenPort } from './server-process.js';
import { prepareServer, programOf, type StartServerOptions } from './start-server.js';

export interface StartClusterOptions extends Omit<StartServerOptions, 'storeDir' | 'ports'> {
  /** How many servers, 2 to 9; 3 unless said otherwise. */
  readonly size?: number;
}

/** How long a cluster may take to agree on a leader, in milliseconds. */
const agreementMs = 45_000;
let started = 0;

/** Servers that route to each other. Each can be killed, paused and restarted by itself. */
export class NatsCluster implements AsyncDisposable {
  readonly servers: readonly NatsServer[];
  readonly #jetstream: boolean;

  constructor(servers: readonly NatsServer[], jetstream: boolean) {
    this.servers = servers;
    this.#jetstream = jetstream;
  }

  /** Where clients connect by TCP, to any of them. */
  get urls(): string[] {
    return this.servers.map(({ url }) => url);
  }

  /** Where clients connect by WebSocket; empty if there is none. */
  get webSocketUrls(): string[] {
    return this.servers.flatMap(({ webSocketUrl }) => (webSocketUrl === '' ? [] : [webSocketUrl]));
  }

  /**
   * Waits until every server that runs has its routes to the others that run and, with JetStream, until they agree on a
   * leader, the leader sees them, their data is up to date, and every stream and consumer has a leader too.
   *
   * @throws Error if that takes more than 45 s, as when there is no majority
   */
  whenReady(signal?: AbortSignal): Promise<void> {
    return keeper().wait(this.#whenReady(signal));
  }

  /** The server that leads JetStream; `undefined` while none does. */
  async leader(): Promise<NatsServer | undefined> {
    const running = this.#running;
    const names = await Promise.all(running.map(async (server) => (await stateOf(server))?.leader));
    const name = names[0];
    if (name === undefined || names.some((other) => other !== name)) return undefined;
    return running.find((server) => server.name === name);
  }

  /** Stops all of them and removes their files. */
  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  get #running(): NatsServer[] {
    return this.servers.filter(({ running }) => running);
  }

  async #whenReady(signal: AbortSignal | undefined): Promise<void> {
    const giveUpAt = Date.now() + agreementMs;
    for (;;) {
      const missing = await this.#missing();
      if (missing === undefined) return;
      signal?.throwIfAborted();
      if (Date.now() > giveUpAt) {
        throw new Error(`The cluster was not ready after ${agreementMs / 1000} s: ${missing}.`);
      }
      await pause(25);
    }
  }

  /** What the cluster is still waiting for. */
  async #missing(): Promise<string | undefined> {
    const running = this.#running;
    for (const server of running) {
      if (!(await this.#hasRoutes(server, running.length - 1))) return `${server.name} has not all its routes`;
    }
    if (!this.#jetstream) return undefined;
    const leader = await this.leader();
    if (leader === undefined) return 'there is no leader whom all know';
    const followers = (await stateOf(leader))?.followers ?? 0;
    if (followers < running.length - 1) return `the leader hears from ${followers} others`;
    const names = new Set(running.map(({ name }) => name));
    for (const server of running) {
      const illness = await illnessOf(server, names);
      if (illness !== undefined) return `${server.name}: ${illness}`;
    }
    return undefined;
  }

  async #hasRoutes(server: NatsServer, others: number): Promise<boolean> {
    const answer = await answerOf<{ routes?: { remote_name?: string; remote_id: string }[] }>(server, '/routez');
    // There may be several routes to the same server.
    return new Set(answer?.routes?.map(({ remote_id: id }) => id)).size >= others;
  }
}

/**
 * Starts servers that route to each other, and waits until they are ready together.
 *
 * @throws ServerUnavailableError if no server can be had, Error with what a server said if one won't start
 */
export async function startCluster(options: StartClusterOptions = {}): Promise<NatsCluster> {
  const { size = 3, jetstream = true } = options;
  if (!Number.isInteger(size) || size < 2 || size > 9)
    throw new RangeError(`A cluster has 2 to 9 servers; found ${size}.`);
  const program = await programOf(options);
  const folder = await keeper().folder();
  for (let tries = 1; ; tries += 1) {
    const name = `happen-${++started}`;
    const ports = await keeper().wait(freePorts(size));
    const cluster = new NatsCluster(
      ports.map((own) => prepareServer(program, folder, options, { name, own, ports })),
      jetstream,
    );
    try {
      await Promise.all(cluster.servers.map((server) => server.start(options.signal)));
      await cluster.whenReady(options.signal);
      return cluster;
    } catch (error) {
      await cluster.stop();
      // Servers have to know each other's ports before they start, and meanwhile somebody may have taken one.
      if (!isTakenPort(error) || tries === 3) throw error;
    }
  }
}

async function freePorts(count: number): Promise<number[]> {
  const listeners = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(listeners.map((listener) => once(listener, 'listening')));
  const ports = listeners.map((listener) => (listener.address() as { port: number }).port);
  await Promise.all(listeners.map((listener) => once(listener.close(), 'close')));
  return ports;
}

interface JetStreamState {
  readonly leader: string | undefined;
  /** How many others the leader hears from; 0 where another leads. */
  readonly followers: number;
}

async function stateOf(server: NatsServer): Promise<JetStreamState | undefined> {
  const answer = await answerOf<{
    meta_cluster?: { leader?: string; replicas?: { current: boolean; offline?: boolean }[] };
  }>(server, '/jsz');
  if (answer?.meta_cluster === undefined) return undefined;
  const { leader, replicas = [] } = answer.meta_cluster;
  return {
    leader: leader === '' ? undefined : leader,
    followers: replicas.filter(({ current, offline }) => current && offline !== true).length,
  };
}

interface Led {
  readonly name: string;
  readonly cluster?: { readonly leader?: string };
}

async function illnessOf(server: NatsServer, running: ReadonlySet<string>): Promise<string | undefined> {
  const health = await answerOf<{ status?: string; error?: string }>(server, '/healthz');
  if (health?.status !== 'ok') return health?.error ?? health?.status ?? 'it does not answer';
  const answer = await answerOf<{
    account_details?: { stream_detail?: (Led & { consumer_detail?: Led[] })[] }[];
  }>(server, '/jsz?streams=true&consumers=true');
  if (answer === undefined) return 'it does not answer';
  const streams = answer.account_details?.flatMap(({ stream_detail: found = [] }) => found) ?? [];
  const leaderless = streams
    .flatMap((stream) => [stream, ...(stream.consumer_detail ?? [])])
    .find(({ cluster }) => cluster !== undefined && !running.has(cluster.leader ?? ''));
  return leaderless && `${leaderless.name} has no leader that runs`;
}

/** @returns `undefined` if the server does not answer */
async function answerOf<Answer>(server: NatsServer, path: string): Promise<Answer | undefined> {
  try {
    const response = await fetch(`${server.monitoringUrl}${path}`, { signal: AbortSignal.timeout(5_000) });
    return (await response.json()) as Answer;
  } catch {
    return undefined;
  }
}
