/**
 * The framework's own events: who listens to them, and their way there.
 *
 * Invariants:
 * 1. They are told in a later turn of the microtask queue, in the order in which they occurred, never inside what they tell of.
 * 2. What goes wrong while one is handled is logged, not told, so that they can't feed themselves.
 */
import type { HappenEvent } from '../event/event.js';
import { HappenError } from '../errors/happen-error.js';
import { compilePattern, type CompiledPattern } from '../flow/pattern.js';
import type { Logger } from '../ports/logger.js';
import type { SystemEvent, SystemEvents, SystemEventType } from './system-events.js';

interface Listening extends CompiledPattern {
  readonly handler: (event: HappenEvent) => unknown;
  /** Taken back, perhaps by a handler of the very event that is being told. */
  ended: boolean;
}

/** What a channel needs from its space. */
export interface SystemChannelHost {
  readonly logger: Logger;
  /** Calls something so that nothing it brings about is part of a flow. */
  outsideFlows(run: () => void): void;
  /** Makes the event. */
  stamped(type: string, payload: object): HappenEvent;
  /** Whether a node listens to the type. */
  hasNodesFor(type: string): boolean;
  /** Hands the event to the nodes that listen to its type. */
  deliver(event: HappenEvent): void;
}

const settled: Promise<void> = Promise.resolve();

export class SystemChannel {
  readonly #host: SystemChannelHost;
  #listeners: readonly Listening[] = [];

  constructor(host: SystemChannelHost) {
    this.#host = host;
  }

  /** @throws HappenError `HAPPEN_INVALID_PATTERN`, `HAPPEN_INVALID_OPTION` */
  on(pattern: string, handler: (event: SystemEvent) => unknown): () => void {
    if (typeof handler !== 'function') {
      throw new HappenError(
        'HAPPEN_INVALID_OPTION',
        `happen.on(): expected a function as the handler, found ${typeof handler}.`,
      );
    }
    const compiled = compilePattern(pattern);
    if (!compiled.system) {
      throw new HappenError(
        'HAPPEN_INVALID_PATTERN',
        `happen.on() listens to "node.*" and "system.*" only, not to ${JSON.stringify(pattern)}; use node.on().`,
        {
          details: { pattern },
        },
      );
    }
    const listening: Listening = { ...compiled, handler: handler as Listening['handler'], ended: false };
    this.#listeners = [...this.#listeners, listening];
    return () => this.#end((one) => one === listening);
  }

  off(handler: unknown): void {
    this.#end((one) => one.handler === handler);
  }

  #end(isMeant: (one: Listening) => boolean): void {
    for (const one of this.#listeners) if (isMeant(one)) one.ended = true;
    this.#listeners = this.#listeners.filter(({ ended }) => !ended);
  }

  /** @returns whether anybody listens */
  emit<T extends SystemEventType>(type: T, payload: SystemEvents[T]): boolean {
    const heard = this.#listeners.some(({ matches }) => matches(type));
    if (!heard && !this.#host.hasNodesFor(type)) return false;
    const event = this.#host.stamped(type, payload);
    this.#host.outsideFlows(() => void settled.then(() => this.#tell(event)));
    return true;
  }

  #tell(event: HappenEvent): void {
    for (const { matches, handler, ended } of this.#listeners) {
      if (ended || !matches(event.type)) continue;
      try {
        const outcome = handler(event);
        if (outcome instanceof Promise) outcome.catch((error: unknown) => this.#failed(event, error));
      } catch (error) {
        this.#failed(event, error);
      }
    }
    this.#host.deliver(event);
  }

  #failed(event: HappenEvent, error: unknown): void {
    this.#host.logger.error({ err: error, type: event.type }, 'a handler of a system event failed');
  }
}
