/**
 * A stream from elsewhere: what has arrived of it, and the credit that lets more come.
 *
 * Invariants:
 * 1. The consumer gets the items in the order of their numbers, each once. One that is missing stops the stream there, until
 *    the consumer's time is over.
 * 2. What waits here is bounded by what was granted: `streamWindow`, and one item more. A producer that sends without credit
 *    is cut off.
 * 3. Credit is granted when the consumer pulls, and never before it has pulled.
 */
import { HappenError } from '../errors/happen-error.js';
import type { StreamConsumer, StreamSource } from '../flow/stream-source.js';
import type { WireLimits } from '../wire/limits.js';
import { malformed } from '../wire/malformed.js';
import { decodePayload } from '../wire/payload-encoding.js';
import type { Scratch } from '../wire/scratch.js';
import type { LinkCounts, LinkHost } from './link-host.js';
import type { Outbox } from './outbox.js';
import type { LinkPosted } from './publisher.js';
import type { FrameSource, Route } from './route.js';
import { streamWindow } from './stream-window.js';
import { monotonic } from '../ports/monotonic.js';

/** What all incoming streams of a link share. */
export interface IncomingParts {
  readonly host: LinkHost;
  readonly limits: WireLimits;
  readonly scratch: Scratch;
  readonly outbox: Outbox<LinkPosted>;
  readonly counts: LinkCounts;
}

interface Item {
  readonly value: unknown;
  readonly bytes: number;
}

type Final = { readonly count: number } & ({ readonly result: unknown } | { readonly error: HappenError });

export class IncomingStream implements StreamSource, LinkPosted {
  /** Who makes it; nobody else has a say in it. */
  readonly from: FrameSource;
  readonly #parts: IncomingParts;
  readonly #to: Route;
  readonly #request: number;
  readonly #patienceMs: number;
  readonly #closed: () => void;
  #consumer: StreamConsumer | undefined;
  #pulling = false;
  #over = false;
  /** What can be taken, from `#taken` on; emptied as a whole, so that taking one costs the same however many wait. */
  #ready: Item[] = [];
  #position = 0;
  /** What came before its turn, by number. */
  readonly #early = new Map<number, Item>();
  /** How many have come in order, with those taken. */
  #arrived = 0;
  #taken = 0;
  #takenBytes = 0;
  #receivedBytes = 0;
  #grantedItems = 0;
  #grantedBytes = 0;
  #grantedAt = 0;
  #final: Final | undefined;

  /**
   * @param consumer the node that takes it
   * @param closed called once, when nothing is expected any more
   */
  constructor(
    parts: IncomingParts,
    from: FrameSource,
    consumer: string,
    request: number,
    patienceMs: number,
    closed: () => void,
  ) {
    this.#parts = parts;
    this.from = from;
    this.#to = { address: { kind: 'instance', id: from.instance }, sender: consumer, recipient: from.node };
    this.#request = request;
    this.#patienceMs = patienceMs;
    this.#closed = closed;
  }

  // --- the consumer's side

  open(consumer: StreamConsumer): void {
    this.#consumer = consumer;
  }

  pull(): void {
    if (this.#over || this.#pulling) return;
    this.#pulling = true;
    this.#give();
    this.#grant();
  }

  stop(reason: HappenError): void {
    if (this.#over) return;
    const isComplete = this.#final !== undefined;
    this.#close();
    // What has ended need not be called off.
    if (isComplete) return;
    const { outbox, host } = this.#parts;
    try {
      outbox.add(this.#to, { kind: 'cancel', request: this.#request, reason: reason.code }, undefined);
    } catch (error) {
      // Its node has been closed, and can sign nothing more; the producer ends it by itself.
      host.logger.debug({ err: error }, 'a stream could not be called off');
    }
  }

  /** Nothing will come any more: a matter of a stream of which something is missing, and of no other. */
  fail(error: HappenError): void {
    if (this.#over || this.#final?.count === this.#arrived) return;
    this.#close();
    this.#consumer?.fail(error);
  }

  /** Asks for the stream of a broadcast, in place of an answer. */
  subscribe(stream: number): void {
    try {
      this.#parts.outbox.add(this.#to, { kind: 'subscribe', request: this.#request, stream }, this);
    } catch (error) {
      this.fail(error as HappenError);
    }
  }

  // --- the producer's side

  /** So many items have been dropped in all, as told so far. */
  dropped(count: number): void {
    this.#consumer?.itemsDropped?.(count);
  }

  /** @throws HappenError when they can't be read, or were not granted: the consumer has heard of it then */
  items(first: number, items: readonly Uint8Array[]): void {
    if (this.#over) return;
    const { limits, counts } = this.#parts;
    if (first + items.length > (this.#final?.count ?? this.#grantedItems)) throw this.#violated('first');
    for (let index = 0; index < items.length; index++) {
      const number = first + index;
      const encoded = items[index] as Uint8Array;
      if (number < this.#arrived || this.#early.has(number)) {
        counts.repeated++;
        continue;
      }
      this.#receivedBytes += encoded.length;
      // Out of order, the item that goes beyond the bytes may come before others.
      if (this.#receivedBytes > this.#grantedBytes + limits.maxPayloadBytes) throw this.#violated('items');
      const item = { value: this.#read(encoded), bytes: encoded.length };
      if (number === this.#arrived) this.#arrive(item);
      else this.#early.set(number, item);
    }
    for (let next = this.#early.get(this.#arrived); next !== undefined; next = this.#early.get(this.#arrived)) {
      this.#early.delete(this.#arrived);
      this.#arrive(next);
    }
    this.#give();
  }

  /** @throws HappenError as `items` */
  end(count: number, value: Uint8Array): void {
    this.#finally(count, () => ({ count, result: this.#read(value) }));
  }

  /** @throws HappenError as `items` */
  broken(count: number, error: HappenError): void {
    this.#finally(count, () => ({ count, error }));
  }

  #finally(count: number, final: () => Final): void {
    if (this.#over || this.#final !== undefined) return;
    const least = Math.max(this.#arrived, ...[...this.#early.keys()].map((number) => number + 1));
    if (count < least || count > this.#grantedItems) throw this.#violated('count');
    this.#final = final();
    this.#give();
  }

  // --- what becomes of the grants

  handedOver(): void {}

  lost(cause: HappenError): void {
    this.fail(
      new HappenError('HAPPEN_DISCONNECTED', 'The stream broke off: its producer can’t be reached.', { cause }),
    );
  }

  #arrive(item: Item): void {
    this.#ready.push(item);
    this.#arrived++;
  }

  /** Gives the consumer what it waits for, if it is there. */
  #give(): void {
    if (!this.#pulling || this.#over) return;
    const item = this.#ready[this.#position];
    if (item !== undefined) {
      this.#pulling = false;
      this.#taken++;
      this.#takenBytes += item.bytes;
      if (++this.#position === this.#ready.length) {
        this.#ready = [];
        this.#position = 0;
      }
      this.#consumer?.item(item.value);
      return;
    }
    const final = this.#final;
    if (final === undefined || final.count > this.#taken) return;
    this.#close();
    if ('error' in final) this.#consumer?.fail(final.error);
    else this.#consumer?.end(final.result);
  }

  /** Grants in chunks; a grant is also the sign that the consumer is there. */
  #grant(): void {
    if (this.#over || this.#final !== undefined) return;
    const items = this.#taken + streamWindow.items;
    const bytes = this.#takenBytes + streamWindow.bytes;
    const { clock } = this.#parts.host;
    const isWorthIt =
      2 * (items - this.#grantedItems) >= streamWindow.items || 2 * (bytes - this.#grantedBytes) >= streamWindow.bytes;
    const now = monotonic(clock);
    if (!isWorthIt && now - this.#grantedAt < this.#patienceMs / 4) return;
    this.#grantedItems = items;
    this.#grantedBytes = bytes;
    this.#grantedAt = now;
    try {
      this.#parts.outbox.add(this.#to, { kind: 'credit', request: this.#request, items, bytes }, this);
    } catch (error) {
      this.fail(error as HappenError);
    }
  }

  #read(encoded: Uint8Array): unknown {
    try {
      return decodePayload(encoded, this.#parts.limits, this.#parts.scratch);
    } catch (error) {
      this.cutOff(error as HappenError);
      throw error;
    }
  }

  #violated(field: string): HappenError {
    const error = malformed('schema', field);
    this.cutOff(error);
    return error;
  }

  /** The producer is told to stop, the consumer why. */
  cutOff(error: HappenError): void {
    if (this.#over) return;
    this.stop(error);
    this.#consumer?.fail(error);
  }

  #close(): void {
    this.#over = true;
    this.#ready = [];
    this.#early.clear();
    this.#closed();
  }
}
