import type { Clock, Logger, Timer } from '@happen/core';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Settings } from '../options.js';
import { disconnected, isAuthentication } from './failures.js';

/** Opens a connection, once. */
export type Dial = () => Promise<NatsConnection>;

const floor = [2, 10];

/**
 * Connects for the first time: tries until there is a server, with a pause between two attempts, and says so once. Waiting for
 * the next attempt does not keep the process alive.
 */
export class Dialling {
  readonly #dial: Dial;
  readonly #settings: Settings;
  readonly #where: string;
  #stopped = false;
  #timer: Timer | undefined;
  #wake: (() => void) | undefined;

  constructor(dial: Dial, settings: Settings, where: string) {
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
        if (!this.#stopped) return checkServer(connection, this.#settings);
        await connection.close();
      } catch (cause) {
        if (cause instanceof Error && 'code' in cause && String(cause.code).startsWith('HAPPEN_')) throw cause;
        if (isAuthentication(cause)) {
          throw disconnected(
            `The NATS server at ${this.#where} refused the credentials. Look at user, password, token, nkey or credentials.`,
            cause,
          );
        }
        const last = !reconnect || (maxReconnectAttempts >= 0 && attempt >= Math.max(maxReconnectAttempts, 1));
        if (last) throw disconnected(`There is no NATS server at ${this.#where}.`, cause);
        if (attempt === 1) {
          logger.warn(
            { err: cause, servers: this.#where },
            `there is no NATS server at ${this.#where} yet; nodes of this process reach each other, and connecting goes on`,
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

/** @throws HappenError `HAPPEN_DISCONNECTED` for a server that is too old, or lacks what is asked for */
function checkServer(connection: NatsConnection, settings: Pick<Settings, 'jetstream'>): NatsConnection {
  const { version = '0', jetstream, headers } = connection.info ?? {};
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const refuse = (why: string): never => {
    void connection.close();
    throw disconnected(why);
  };
  if (major < (floor[0] as number) || (major === floor[0] && minor < (floor[1] as number)) || headers === false) {
    refuse(`The NATS server is of version ${version}; it takes 2.10 or newer.`);
  }
  if (settings.jetstream && jetstream !== true) {
    refuse('The NATS server has no JetStream, which the option jetstream asks for. Start it with -js.');
  }
  return connection;
}
