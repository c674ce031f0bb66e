/**
 * Gathers messages into frames: everything that goes to one address within a turn travels together.
 *
 * Invariants:
 * 1. Messages to one address leave in the order in which they were added.
 * 2. A lane is dirty exactly while its builder holds messages; one flush is scheduled while any lane is.
 * 3. Where frames are signed, those of a lane have one sender, and for answers one recipient.
 */
import type { Address } from '../ports/transport.js';
import type { FrameBuilder } from '../wire/frame-builder.js';
import type { Message } from '../wire/messages.js';
import type { Route } from './route.js';
import type { Sealer, Seals } from './sealer.js';

/** Somebody who wants to know what becomes of his message. */
export interface Posted {
  handedOver(): void;
}

interface Lane<P extends Posted> {
  readonly address: Address;
  readonly builder: FrameBuilder;
  readonly seals: Seals | undefined;
  posted: P[];
  /** The way of its last message. */
  route: Route;
}

/** Takes a frame of a lane. */
export type PublishFrame<P extends Posted> = (
  to: Address,
  frame: Uint8Array,
  posted: readonly P[],
  seals: Seals | undefined,
) => void;

const settled: Promise<void> = Promise.resolve();
/** Lanes are kept for the next turn, up to so many. */
const mostLanes = 1024;

export class Outbox<P extends Posted> {
  readonly #newBuilder: (room: number) => FrameBuilder;
  readonly #publish: PublishFrame<P>;
  readonly #sealer: Sealer | undefined;
  readonly #lanes = new Map<string, Lane<P>>();
  #dirty: Lane<P>[] = [];
  /** The lane of the last message: the next one mostly goes the same way. */
  #last: Lane<P> | undefined;

  /** @param newBuilder makes what gathers a lane's frames; `room` is how many bytes are added to each later on */
  constructor(newBuilder: (room: number) => FrameBuilder, publish: PublishFrame<P>, sealer?: Sealer) {
    this.#newBuilder = newBuilder;
    this.#publish = publish;
    this.#sealer = sealer;
  }

  /**
   * @throws HappenError `HAPPEN_PAYLOAD_TOO_LARGE`; `HAPPEN_CLOSED` when its sender is not there any more to sign it; what was
   *   added before is not touched
   */
  add(route: Route, message: Message, posted: P | undefined): void {
    const lane = this.#sealer === undefined ? this.#laneOf(route) : this.#sealedLaneOf(route, this.#sealer);
    const clean = lane.builder.length === 0;
    const frame = lane.builder.add(message);
    if (clean) {
      this.#dirty.push(lane);
      if (this.#dirty.length === 1) void settled.then(() => this.flush());
    }
    if (frame !== undefined) {
      this.#publish(lane.address, frame, lane.posted, lane.seals);
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
      this.#publish(lane.address, lane.builder.finish(), posted, lane.seals);
    }
    if (this.#lanes.size <= mostLanes) return;
    this.#lanes.clear();
    this.#last = undefined;
  }

  #laneOf(route: Route): Lane<P> {
    if (this.#last?.route === route) return this.#last;
    const { address } = route;
    const key = laneKey(address);
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { address, builder: this.#newBuilder(0), seals: undefined, posted: [], route };
      this.#lanes.set(key, lane);
    }
    lane.route = route;
    this.#last = lane;
    return lane;
  }

  #sealedLaneOf(route: Route, sealer: Sealer): Lane<P> {
    const { address, sender, recipient } = route;
    const pair = sealer.keyPairOf(sender);
    const key = `${laneKey(address)}\u0000${sender}\u0000${recipient ?? ''}`;
    let lane = this.#lanes.get(key);
    // A new node of the same id has another key; what the old one has gathered leaves by its own.
    if (lane?.seals?.isOf(pair) !== true) {
      const seals = sealer.sealsOf(route, pair);
      lane = { address, builder: this.#newBuilder(seals.room), seals, posted: [], route };
      this.#lanes.set(key, lane);
    }
    return lane;
  }
}

function laneKey(address: Address): string {
  if (address.kind === 'broadcast') return `b\u0000${address.type}\u0000${address.sender}`;
  const key = `${address.kind}\u0000${address.id}`;
  if (address.kind !== 'node' || address.instance === undefined) return key;
  return `${key}\u0000${address.instance}${address.shared === true ? '\u0000' : ''}`;
}
