import type { Clock, Logger, Timer } from '@happen/core';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Settings } from '../options.js';
import { disconnected, isAuthentication } from './failures.js';

/** Opens a connection, once. */
export type Dial = () => Promise<NatsConnection>;

const floor = [2, 10] as const;

/**
 * Connects for the first time: tries until there is a server, with a pause between two attempts, and says so once. Waiting for
 * the next attempt does not keep the process alive.
 */
export class Dialling {
  readonly #dial: Dial;
  readonly #settings: Settings;
  readonly #where: string;
  readonly #release: (connection: NatsConnection) => Promise<void>;
  #stopped = false;
  #timer: Timer | undefined;
  #wake: (() => void) | undefined;

  /** @param release closes a connection that is of no use, if it is ours */
  constructor(dial: Dial, settings: Settings, where: string, release: (connection: NatsConnection) => Promise<void>) {
    this.#release = release;
    this.#dial = dial;
    this.#settings = settings;
    this.#where = where;
  }

  /** @throws HappenError `HAPPEN_DISCONNECTED` when it gives up, at once where the server refuses us, or is not fit */
  async connect(clock: Clock, logger: Logger): Promise<NatsConnection> {
    const { reconnect, maxReconnectAttempts, reconnectTimeWaitMs } = this.#settings;
    for (let attempt = 1; ; attempt++) {
      if (this.#stopped) throw disconnected('The transport was stopped before it was connected.');
      try {
        const connection = await this.#dial();
        const misfit = this.#stopped ? undefined : misfitOf(connection, this.#settings);
        if (!this.#stopped && misfit === undefined) return connection;
        await this.#release(connection);
        if (misfit !== undefined) throw disconnected(misfit);
      } catch (cause) {
        if (cause instanceof Error && 'code' in cause && String(cause.code).startsWith('HAPPEN_')) throw cause;
        if (isAuthentication(cause)) {
          throw disconnected(
            `The NATS server at ${this.#where} refused the credentials. Look at user, password, token, nkey or credentials.`,
            cause,
          );
        }
        const last = !reconnect || (maxReconnectAttempts >= 0 && attempt >= Math.max(maxReconnectAttempts, 1));
        if (last) throw disconnected(`There is no NATS server at ${this.#where}${reasonOf(cause)}.`, cause);
        if (attempt === 1) {
          logger.warn(
            { err: cause, servers: this.#where },
            `there is no NATS server at ${this.#where} yet${reasonOf(cause)}; nodes of this process reach each other, and connecting goes on`,
          );
        }
        await this.#pause(clock, reconnectTimeWaitMs);
      }
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.clear();
    this.#wake?.();
  }

  #pause(clock: Clock, delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#timer = clock.setTimer(delayMs, resolve, true);
    });
  }
}

/** The innermost cause says most: a name that is not known, a certificate that is not trusted. */
function reasonOf(cause: unknown): string {
  let innermost = cause;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  return innermost instanceof Error && innermost.message !== '' ? ` (${innermost.message})` : '';
}

/** What is wrong with a server: it is too old, or lacks what is asked for. */
function misfitOf({ info }: NatsConnection, settings: Pick<Settings, 'jetstream'>): string | undefined {
  const { version = '0', jetstream, headers } = info ?? {};
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = floor;
  if (major < leastMajor || (major === leastMajor && minor < leastMinor) || headers === false) {
    return `The NATS server is of version ${version}; it takes 2.10 or newer.`;
  }
  if (settings.jetstream && jetstream !== true) {
    return 'The NATS server has no JetStream, which the option jetstream asks for. Start it with -js.';
  }
  return undefined;
}
