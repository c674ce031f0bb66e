import {
  type Address,
  type Attachment,
  type ConnectionStatus,
  type Listener,
  silentLogger,
  type Transport,
} from '@happen/core';
import { machineClock } from '../clock/machine-clock.js';
import { numberOf } from './frames.js';
import { Inbox } from './inbox.js';

/** A frame that the host was told nobody takes. */
export interface Undeliverable {
  readonly to: Address;
  readonly frame: Uint8Array;
}

/** A transport with a host that writes down what it is told. */
export class End {
  readonly transport: Transport;
  /** The id of its instance. */
  readonly id: string;
  readonly status: ConnectionStatus[] = [];
  readonly undeliverable: Undeliverable[] = [];
  /** The numbers of the frames that reached the instance's own address. */
  readonly heard = new Set<number>();
  /** What was handed over, or told undeliverable, inside a call of `publish`. */
  tooEarly = 0;
  #publishing = false;

  constructor(transport: Transport, id: string) {
    this.transport = transport;
    this.id = id;
  }

  /** Starts the transport, and listens at the address of the instance. */
  async start(): Promise<void> {
    await this.connect();
    this.transport.attach(toInstance(this.id), (frame) => void this.heard.add(numberOf(frame)));
  }

  /** Starts the transport and nothing else. */
  connect(): Promise<void> {
    return this.transport.start({
      instance: this.id,
      clock: machineClock,
      logger: silentLogger,
      undeliverable: (to, frame) => {
        this.#note();
        this.undeliverable.push({ to, frame });
      },
      status: (status) => void this.status.push(status),
    });
  }

  attach(address: Exclude<Address, { kind: 'broadcast' }>): { readonly inbox: Inbox; readonly attachment: Attachment } {
    const inbox = new Inbox();
    return { inbox, attachment: this.transport.attach(address, inbox.receive) };
  }

  listen(group: string, patterns: readonly string[]): { readonly inbox: Inbox; readonly listener: Listener } {
    const inbox = new Inbox();
    return { inbox, listener: this.transport.listen(group, patterns, inbox.receive) };
  }

  publish(to: Address, frame: Uint8Array): Promise<void> {
    this.#publishing = true;
    try {
      return this.transport.publish(to, frame);
    } finally {
      this.#publishing = false;
    }
  }

  /** Counts as too early whatever the inbox gets while this end is inside `publish`. */
  watch(inbox: Inbox): void {
    inbox.onFrame = () => this.#note();
  }

  #note(): void {
    if (this.#publishing) this.tooEarly++;
  }
}

export const toNode = (id: string): Extract<Address, { kind: 'node' }> => ({ kind: 'node', id });
export const toInstance = (id: string): Extract<Address, { kind: 'instance' }> => ({ kind: 'instance', id });
export const toAll = (type: string): Address => ({ kind: 'broadcast', type, sender: 'contract' });
