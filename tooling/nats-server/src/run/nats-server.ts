import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { FoundServer } from '../find/cache.js';
import type { ServerPorts } from './configuration.js';
import { keeper, type Ending } from './keeper.js';
import { runServer, type RunningServer, type Setting } from './server-process.js';

/** What a server is made from. */
export interface ServerPlan {
  readonly program: FoundServer;
  /** Its own, removed when it is stopped. */
  readonly folder: string;
  readonly ports: ServerPorts;
  readonly setting: Setting;
}

/** How long a server may take to shut down before it is killed, in milliseconds. */
const shutdownMs = 10_000;

/** A nats-server that this process started. Its addresses stay the same over restarts. */
export class NatsServer implements AsyncDisposable {
  readonly #plan: ServerPlan;
  #ports: ServerPorts;
  #running: RunningServer | undefined;
  #changing: Promise<void> = Promise.resolve();

  constructor(plan: ServerPlan) {
    this.#plan = plan;
    this.#ports = plan.ports;
  }

  /** Its version, such as `2.10.27`. */
  get version(): string {
    return this.#plan.program.version.text;
  }

  /** Its name among servers. */
  get name(): string {
    return this.#plan.setting.name;
  }

  /** Where clients connect by TCP: `nats://127.0.0.1:…`, or `tls://127.0.0.1:…`. */
  get url(): string {
    return `${this.#plan.setting.tls === undefined ? 'nats' : 'tls'}://127.0.0.1:${this.#ports.client}`;
  }

  /** Where clients connect by WebSocket: `ws://127.0.0.1:…`, or `wss://127.0.0.1:…`. Empty if it has none. */
  get webSocketUrl(): string {
    if (this.#ports.webSocket === 0) return '';
    return `${this.#plan.setting.tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${this.#ports.webSocket}`;
  }

  /** Where it tells about itself: `http://127.0.0.1:…`, with `/varz`, `/connz`, `/subsz`, `/jsz` and others below. */
  get monitoringUrl(): string {
    return `http://127.0.0.1:${this.#ports.monitoring}`;
  }

  /** The port for TCP. */
  get port(): number {
    return this.#ports.client;
  }

  /** The port for WebSockets; 0 if it has none. */
  get webSocketPort(): number {
    return this.#ports.webSocket;
  }

  /** Where JetStream keeps its data; `undefined` if it has no JetStream. */
  get storeDir(): string | undefined {
    return this.#plan.setting.storeDir;
  }

  /** Whether it runs, be it paused. */
  get running(): boolean {
    return this.#running !== undefined && this.#running.process.ending === undefined;
  }

  /** The process that runs, or ran last. */
  get pid(): number {
    return this.#running?.process.pid ?? 0;
  }

  /** Resolves when the process that runs has ended, whatever ended it. Waiting for it keeps this process alive. */
  whenEnded(): Promise<Ending> {
    return keeper().wait(this.#running?.process.ended ?? Promise.resolve({ code: null, signal: null }));
  }

  /** Starts it, if it does not run. */
  start(signal?: AbortSignal): Promise<void> {
    return this.#next(() => this.#start(signal));
  }

  /**
   * Shuts it down, or kills it if that takes more than 10 s, and removes its files; data in a `storeDir` that was given
   * stays. A second time it does nothing.
   */
  stop(): Promise<void> {
    return this.#next(async () => {
      await this.#end('SIGTERM');
      rmSync(this.#plan.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
    });
  }

  /** Ends it at once with SIGKILL, as a crash would. Its data stays, for `restart`. */
  kill(): Promise<void> {
    return this.#next(() => this.#end('SIGKILL'));
  }

  /** Starts it on the same data and the same ports, after shutting it down if it runs. */
  restart(): Promise<void> {
    return this.#next(async () => {
      await this.#end('SIGTERM');
      await this.#start();
    });
  }

  /** Stops its process with SIGSTOP: connections stay open, and nothing is answered. Not on Windows. */
  pause(): Promise<void> {
    return this.#next(async () => {
      await this.#signal('SIGSTOP');
      await keeper().wait(whenStopped(this.pid));
    });
  }

  /** Lets it go on after `pause`. */
  resume(): Promise<void> {
    return this.#next(() => this.#signal('SIGCONT'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** One change after the other, whoever asks for them. */
  #next(change: () => Promise<void>): Promise<void> {
    const changed = this.#changing.then(change);
    this.#changing = changed.catch(() => {});
    return keeper().wait(changed);
  }

  async #start(signal?: AbortSignal): Promise<void> {
    if (this.running) return;
    const { program, folder, setting } = this.#plan;
    const again = this.#running !== undefined;
    this.#running = await runServer(program.path, folder, this.#ports, setting, again, signal);
    this.#ports = this.#running.ports;
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const running = this.#running;
    if (running === undefined || running.process.ending !== undefined) return;
    await running.process.signal(signal);
    if (signal === 'SIGTERM') {
      // One that is paused hears nothing until it goes on.
      await running.process.signal('SIGCONT');
      const patience = setTimeout(() => void running.process.signal('SIGKILL'), shutdownMs);
      await running.process.ended;
      clearTimeout(patience);
    }
    await running.process.ended;
  }

  async #signal(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    if (process.platform === 'win32') throw new Error('Windows can neither pause a process nor let it go on.');
    if (this.#running === undefined || !(await this.#running.process.signal(signal))) {
      throw new Error(`${this.name} does not run.`);
    }
  }
}

/** A signal that is sent has not yet arrived; on Linux one can see when it has. */
async function whenStopped(pid: number): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    let status;
    try {
      status = readFileSync(`/proc/${pid}/status`, 'utf8');
    } catch {
      return;
    }
    if (/^State:\s+T/m.test(status)) return;
    await pause(2);
  }
}
