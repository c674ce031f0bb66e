/**
 * Puts the parts of frames together again.
 *
 * 1. A sender has one transfer at a time; the first part of another one ends it.
 * 2. Memory is taken as parts come, not as the first one says: a sender costs what it sends.
 * 3. No frame is longer than `maxFrameBytes`, all together are at most four times that, and a sender that says nothing for 30
 *    seconds is forgotten.
 * 4. Where there is no room, whoever has been silent for longest makes some, first of those that are known to nobody: a sender
 *    that is at work is not held up by any number of names that a stranger makes up and leaves unfinished.
 */
import type { Clock } from '@happen/core';
import type { Part } from './parts.js';

const silenceMs = 30_000;
const mostTransfers = 1_024;
const leastPiece = 256;

interface Transfer {
  readonly part: Part;
  readonly pieces: Uint8Array[];
  bytes: number;
  at: number;
}

export interface Reassembled {
  readonly part: Part;
  readonly frame: Uint8Array;
}

export class Reassembly {
  readonly #clock: Clock;
  readonly #maxFrameBytes: number;
  readonly #isKnown: (sender: string) => boolean;
  /** The one that was heard of last comes last. */
  readonly #bySender = new Map<string, Transfer>();
  #bytes = 0;
  /** Parts that fit to nothing. */
  dropped = 0;

  /** @param isKnown whether a sender has said who he is */
  constructor(clock: Clock, maxFrameBytes: number, isKnown: (sender: string) => boolean) {
    this.#isKnown = isKnown;
    this.#clock = clock;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Takes a part over. Gives the frame when it was the last one. */
  take(sender: string, part: Part): Reassembled | undefined {
    const now = this.#now();
    let transfer = this.#bySender.get(sender);
    if (part.offset === 0) {
      this.#forget(sender);
      transfer = this.#begin(sender, part, now);
    }
    const first = transfer?.part;
    if (
      transfer === undefined ||
      first?.transfer !== part.transfer ||
      first.total !== part.total ||
      first.kind !== part.kind ||
      first.address !== part.address ||
      transfer.bytes !== part.offset ||
      // Crumbs would cost more than they hold.
      (part.piece.length < leastPiece && part.offset + part.piece.length < part.total)
    ) {
      this.dropped++;
      this.#forget(sender);
      return undefined;
    }
    this.#bySender.delete(sender);
    this.#bySender.set(sender, transfer);
    // It has less than a quarter itself, so the others have what is missing.
    while (this.#bytes + part.piece.length > 4 * this.#maxFrameBytes) this.#evict(sender);
    // A copy: what the client hands over is a view of what the socket read.
    transfer.pieces.push(new Uint8Array(part.piece));
    transfer.bytes += part.piece.length;
    transfer.at = now;
    this.#bytes += part.piece.length;
    if (transfer.bytes < part.total) return undefined;
    const frame = join(transfer.pieces, part.total);
    this.#forget(sender);
    return { part: transfer.part, frame };
  }

  clear(): void {
    this.#bySender.clear();
    this.#bytes = 0;
  }

  #begin(sender: string, part: Part, now: number): Transfer | undefined {
    if (part.total > this.#maxFrameBytes) return undefined;
    for (const [other, { at }] of this.#bySender) {
      if (now - at > silenceMs) this.#forget(other);
    }
    if (this.#bySender.size >= mostTransfers) this.#evict(sender);
    const transfer = { part: { ...part, piece: new Uint8Array() }, pieces: [], bytes: 0, at: now };
    this.#bySender.set(sender, transfer);
    return transfer;
  }

  #evict(inFavourOf: string): void {
    let evicted: string | undefined;
    for (const sender of this.#bySender.keys()) {
      if (sender === inFavourOf) continue;
      evicted ??= sender;
      if (this.#isKnown(sender)) continue;
      evicted = sender;
      break;
    }
    this.dropped++;
    if (evicted !== undefined) this.#forget(evicted);
  }

  #forget(sender: string): void {
    const transfer = this.#bySender.get(sender);
    if (transfer === undefined) return;
    this.#bytes -= transfer.bytes;
    this.#bySender.delete(sender);
  }

  #now(): number {
    return this.#clock.monotonic?.() ?? this.#clock.now();
  }
}

function join(pieces: readonly Uint8Array[], total: number): Uint8Array {
  const frame = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    frame.set(piece, at);
    at += piece.length;
  }
  return frame;
}
