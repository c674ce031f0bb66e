/**
 * Gathers messages into frames: everything that goes to one address within a turn travels together.
 *
 * Invariants:
 * 1. Messages to one address leave in the order in which they were added.
 * 2. A lane is dirty exactly while its builder holds messages; one flush is scheduled while any lane is.
 */
import type { Address } from '../ports/transport.js';
import type { FrameBuilder } from '../wire/frame-builder.js';
import type { Message } from '../wire/messages.js';

/** Somebody who wants to know what becomes of his message. */
export interface Posted {
  handedOver(): void;
}

interface Lane<P extends Posted> {
  readonly address: Address;
  readonly builder: FrameBuilder;
  posted: P[];
}

const settled: Promise<void> = Promise.resolve();
/** Lanes are kept for the next turn, up to so many. */
const mostLanes = 1024;

export class Outbox<P extends Posted> {
  readonly #newBuilder: () => FrameBuilder;
  readonly #publish: (to: Address, frame: Uint8Array, posted: readonly P[]) => void;
  readonly #lanes = new Map<string, Lane<P>>();
  #dirty: Lane<P>[] = [];

  constructor(newBuilder: () => FrameBuilder, publish: (to: Address, frame: Uint8Array, posted: readonly P[]) => void) {
    this.#newBuilder = newBuilder;
    this.#publish = publish;
  }

  /** @throws HappenError `HAPPEN_PAYLOAD_TOO_LARGE`; what was added before is not touched */
  add(address: Address, message: Message, posted: P | undefined): void {
    const lane = this.#laneOf(address);
    const clean = lane.builder.length === 0;
    const frame = lane.builder.add(message);
    if (clean) {
      this.#dirty.push(lane);
      if (this.#dirty.length === 1) void settled.then(() => this.flush());
    }
    if (frame !== undefined) {
      this.#publish(lane.address, frame, lane.posted);
      lane.posted = [];
    }
    if (posted !== undefined) lane.posted.push(posted);
  }

  /** Publishes what has gathered. */
  flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const lane of dirty) {
      const { posted } = lane;
      lane.posted = [];
      this.#publish(lane.address, lane.builder.finish(), posted);
    }
    if (this.#lanes.size > mostLanes) this.#lanes.clear();
  }

  #laneOf(address: Address): Lane<P> {
    const key =
      address.kind === 'broadcast'
        ? `b\u0000${address.type}\u0000${address.sender}`
        : `${address.kind}\u0000${address.id}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { address, builder: this.#newBuilder(), posted: [] };
      this.#lanes.set(key, lane);
    }
    return lane;
  }
}
