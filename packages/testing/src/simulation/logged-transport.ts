import {
  type Address,
  type Attachment,
  type Listener,
  type Receive,
  type Transport,
  type TransportHost,
} from '@happen/core';

/** What is told of the frames of one space. Each answer says whether it may go on to whom it is for. */
export interface FrameWitness {
  leaves(to: Address, frame: Uint8Array): boolean;
  arrives(at: string, frame: Uint8Array): boolean;
  undeliverable(to: Address): boolean;
  status(status: string, reason: string | undefined): boolean;
}

/** A space's end of the network, watched: it adds nothing, and takes away what the witness does not let pass. */
export class LoggedTransport implements Transport {
  readonly name: string;
  readonly supports: Transport['supports'];
  readonly #driver: Transport;
  readonly #witness: FrameWitness;

  constructor(driver: Transport, witness: FrameWitness) {
    this.name = driver.name;
    this.supports = driver.supports;
    this.#driver = driver;
    this.#witness = witness;
  }

  start(host: TransportHost): Promise<void> {
    const witness = this.#witness;
    return this.#driver.start({
      instance: host.instance,
      clock: host.clock,
      logger: host.logger,
      undeliverable(to, frame) {
        if (witness.undeliverable(to)) host.undeliverable(to, frame);
      },
      status(status, reason) {
        if (witness.status(status, reason)) host.status(status, reason);
      },
    });
  }

  stop(): Promise<void> {
    return this.#driver.stop();
  }

  attach(address: Exclude<Address, { kind: 'broadcast' }>, receive: Receive): Attachment {
    return this.#driver.attach(address, this.#watched(nameOf(address), receive));
  }

  listen(group: string, patterns: readonly string[], receive: Receive): Listener {
    return this.#driver.listen(group, patterns, this.#watched(`listener ${group}`, receive));
  }

  publish(to: Address, frame: Uint8Array): Promise<void> {
    return this.#witness.leaves(to, frame) ? this.#driver.publish(to, frame) : Promise.resolve();
  }

  #watched(at: string, receive: Receive): Receive {
    return (frame) => {
      if (this.#witness.arrives(at, frame)) receive(frame);
    };
  }
}

/** An address in words. */
export function nameOf(address: Address): string {
  switch (address.kind) {
    case 'node':
      return `node ${address.id}`;
    case 'instance':
      return `instance ${address.id.slice(0, 8)}`;
    case 'broadcast':
      return `all who hear ${address.type}`;
  }
}

/** A check sum of a frame's bytes (FNV-1a, 32 bits): frames that differ in a byte show as different lines of a log. */
export function checkSum(frame: Uint8Array): string {
  let hash = 0x811c_9dc5;
  for (const byte of frame) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
