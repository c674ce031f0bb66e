import type { HappenEvent } from '../event/event.js';
import type { Receipt } from './send-handle.js';

/** A receipt that makes the text of the id only when it is read. */
export class EventReceipt implements Receipt {
  readonly #event: HappenEvent;

  constructor(event: HappenEvent) {
    this.#event = event;
  }

  get id(): string {
    return this.#event.context.causal.id;
  }

  toJSON(): Receipt {
    return { id: this.id };
  }

  /** What `console.log` of Node.js shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): Receipt {
    return this.toJSON();
  }
}
