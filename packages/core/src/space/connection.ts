/** The connection of a space: what was last heard of it, and who waits for it. */
import type { HappenError } from '../errors/happen-error.js';
import { disconnected } from '../link/disconnected.js';
import type { ConnectionStatus } from '../ports/transport.js';
import type { ConnectionState } from './health.js';

interface Waiter {
  resolve(): void;
  reject(error: HappenError): void;
}

export class SpaceConnection {
  readonly #started: Promise<void> | undefined;
  readonly #waiters = new Set<Waiter>();
  #state: ConnectionState;
  #closed: HappenError | undefined;

  /**
   * @param started resolves when the transport has started; `undefined` where there is none
   * @param failed told why it could not be started; it calls `changed`
   */
  constructor(started: Promise<void> | undefined, failed: (error: unknown) => void) {
    this.#started = started;
    this.#state = { status: started === undefined ? 'none' : 'connecting', reason: undefined };
    started?.then(() => {
      // A driver may have nothing to say of a connection.
      if (this.#state.status === 'connecting') this.changed('connected', undefined);
    }, failed);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  changed(status: ConnectionStatus, reason: string | undefined): void {
    // Who tries anew has nothing to say of why the connection was lost, which is what one wants to know.
    this.#state = { status, reason: status === 'reconnecting' ? (reason ?? this.#state.reason) : reason };
    if (this.#isUp) for (const waiter of this.#takeWaiters()) waiter.resolve();
    else if (status === 'closed') for (const waiter of this.#takeWaiters()) waiter.reject(this.#lost());
  }

  /** Resolves when there is a connection, at once where none is needed. */
  async ready(): Promise<void> {
    if (this.#started === undefined) return;
    if (this.#closed !== undefined) throw this.#closed;
    await this.#started;
    if (this.#closed !== undefined) throw this.#closed;
    if (this.#isUp) return;
    if (this.#state.status === 'closed') throw this.#lost();
    await new Promise<void>((resolve, reject) => this.#waiters.add({ resolve, reject }));
  }

  /** The space is being closed: nobody need wait any more. */
  close(error: HappenError): void {
    this.#closed ??= error;
    for (const waiter of this.#takeWaiters()) waiter.reject(error);
  }

  get #isUp(): boolean {
    return this.#state.status === 'connected' || this.#state.status === 'reconnected';
  }

  #takeWaiters(): Waiter[] {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    return waiters;
  }

  #lost(): HappenError {
    const { reason } = this.#state;
    return disconnected(`The transport is closed${reason === undefined ? '.' : `: ${reason}`}`);
  }
}
