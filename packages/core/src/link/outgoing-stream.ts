/**
 * A stream of this space on its way to a consumer elsewhere.
 *
 * Invariants:
 * 1. The generator is pulled only while there is credit: fewer items sent than granted, and fewer bytes. So at most one item
 *    goes beyond the bytes.
 * 2. What comes within some turns of the microtask queue travels in one message; nothing waits for a timer, and everything is
 *    on its way before the generator is left waiting for credit.
 * 3. It is over once: by the source's end or failure, by the consumer's leaving, or when the consumer has said nothing for too
 *    long. From then on the source is stopped, and it stands nowhere.
 */
import { HappenError } from '../errors/happen-error.js';
import type { StreamConsumer, StreamSource } from '../flow/stream-source.js';
import { TurnTaking } from '../flow/turn-taking.js';
import type { Expiring } from '../talk/deadlines.js';
import type { WireLimits } from '../wire/limits.js';
import { encodePayload } from '../wire/payload-encoding.js';
import type { Scratch } from '../wire/scratch.js';
import { sendFailure } from './failure-message.js';
import type { LinkHost } from './link-host.js';
import type { Outbox } from './outbox.js';
import type { LinkPosted } from './publisher.js';
import type { Route } from './route.js';
import { mostCredit } from './stream-window.js';
import { monotonic } from '../ports/monotonic.js';

/** What all outgoing streams of a link share. */
export interface OutgoingParts {
  readonly host: LinkHost;
  readonly limits: WireLimits;
  readonly scratch: Scratch;
  readonly outbox: Outbox<LinkPosted>;
}

/** A message is closed before the item that would take it over so many bytes. */
const fullMessageBytes = 65_536;
/** How many turns of the microtask queue a message waits for the next item; a generator that waits for nothing takes three. */
const turnsToGather = 4;
const settled: Promise<void> = Promise.resolve();

export class OutgoingStream implements StreamConsumer, LinkPosted, Expiring {
  readonly #parts: OutgoingParts;
  readonly #to: Route;
  readonly #request: number;
  readonly #source: StreamSource;
  /** How long the consumer lets one side wait for the other, in milliseconds; 0 when that is not limited. */
  readonly #patienceMs: number;
  readonly #closed: () => void;
  readonly #turns: TurnTaking;
  #itemLimit = 0;
  #byteLimit = 0;
  #items = 0;
  #bytes = 0;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #gatheringTurns = 0;
  #dropped = 0;
  #droppedTold = 0;
  #pulling = false;
  #inLoop = false;
  #over = false;
  /** When the consumer was last heard of, and when it was last sent something. */
  #heardAt: number;
  #sentAt: number;
  #bucket = -1;

  /** @param closed called once, when it is over */
  constructor(
    parts: OutgoingParts,
    to: Route,
    request: number,
    source: StreamSource,
    patienceMs: number,
    closed: () => void,
  ) {
    this.#parts = parts;
    this.#to = to;
    this.#request = request;
    this.#source = source;
    this.#patienceMs = patienceMs;
    this.#closed = closed;
    const { clock } = parts.host;
    this.#turns = new TurnTaking(clock);
    this.#heardAt = monotonic(clock);
    this.#sentAt = this.#heardAt;
    if (patienceMs > 0) this.#bucket = parts.host.deadlines.add(this, this.#patientUntil());
    source.open(this);
  }

  /** Whether it goes to this instance. */
  isFor(instance: string): boolean {
    const { address } = this.#to;
    return address.kind === 'instance' && address.id === instance;
  }

  /** Says that the answer is a stream. */
  begin(): void {
    try {
      this.#parts.outbox.add(this.#to, { kind: 'stream', request: this.#request }, this);
    } catch (error) {
      this.stop(error as HappenError);
    }
  }

  /** The consumer grants more, or says that it is there. */
  credit(items: number, bytes: number): void {
    if (this.#over) return;
    this.#heardAt = monotonic(this.#parts.host.clock);
    // Grants may overtake each other.
    this.#itemLimit = Math.max(this.#itemLimit, Math.min(items, this.#items + mostCredit.items));
    this.#byteLimit = Math.max(this.#byteLimit, Math.min(bytes, this.#bytes + mostCredit.bytes));
    this.#pullOn();
  }

  /** The consumer has left, or nothing can be sent any more. */
  stop(reason: HappenError): void {
    if (this.#over) return;
    this.#close();
    this.#source.stop(reason);
  }

  // --- what the source tells

  item(value: unknown): void {
    this.#pulling = false;
    if (this.#over) return;
    const { limits, scratch } = this.#parts;
    let bytes: Uint8Array;
    try {
      bytes = encodePayload(value, limits, scratch, 'item');
    } catch (error) {
      this.breakOff(error as HappenError);
      return;
    }
    if (this.#gatheredBytes + bytes.length > fullMessageBytes) this.#send();
    if (this.#over) return;
    this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.length;
    this.#items++;
    this.#bytes += bytes.length;
    if (!this.#hasCredit()) this.#send();
    else this.#sendSoon();
    this.#pullOn();
  }

  end(result: unknown): void {
    this.#pulling = false;
    if (this.#over) return;
    const { limits, scratch, outbox } = this.#parts;
    this.#send();
    try {
      const value = encodePayload(result, limits, scratch, 'result');
      outbox.add(this.#to, { kind: 'end', request: this.#request, count: this.#items, value }, this);
      this.#close();
    } catch (error) {
      this.fail(error as HappenError);
    }
  }

  fail(error: HappenError): void {
    if (this.#over) return;
    this.#send();
    // What could not be sent has closed it.
    if (this.#over) return;
    this.#close();
    const { outbox, host } = this.#parts;
    sendFailure(outbox, host.logger, this.#to, error, (wire) => ({
      kind: 'broken',
      request: this.#request,
      count: this.#items,
      error: wire,
    }));
  }

  itemsDropped(count: number): void {
    this.#dropped = count;
  }

  // --- what becomes of the frames

  handedOver(): void {}

  lost(error: HappenError): void {
    this.stop(error);
  }

  // --- time

  expire(): void {
    this.#bucket = -1;
    const { clock, deadlines } = this.#parts.host;
    const until = this.#patientUntil();
    if (monotonic(clock) < until) {
      this.#bucket = deadlines.add(this, until);
      return;
    }
    this.breakOff(
      new HappenError('HAPPEN_TIMEOUT', 'The consumer of the stream has not been heard of for too long.', {
        details: { timeoutMs: this.#patienceMs },
      }),
    );
  }

  /**
   * A consumer that is there asks within its timeout after what it got, and says so; somewhat more is left to the way. While
   * the generator is at work its consumer waits, but not longer than that either.
   */
  #patientUntil(): number {
    const gone = this.#heardAt + 3 * this.#patienceMs;
    return this.#pulling ? gone : Math.min(gone, Math.max(this.#heardAt, this.#sentAt) + 1.5 * this.#patienceMs);
  }

  #hasCredit(): boolean {
    return this.#items < this.#itemLimit && this.#bytes < this.#byteLimit;
  }

  /** In a loop, not in one another: the source may answer within the call. */
  #pullOn(): void {
    if (this.#inLoop) return;
    this.#inLoop = true;
    while (!this.#over && !this.#pulling && this.#hasCredit()) {
      this.#pulling = true;
      if (this.#turns.isDue) this.#turns.after(() => this.#pullAfterTurn());
      else this.#source.pull();
    }
    this.#inLoop = false;
  }

  #pullAfterTurn(): void {
    if (!this.#over) this.#source.pull();
  }

  #sendSoon(): void {
    const waits = this.#gatheringTurns > 0;
    this.#gatheringTurns = turnsToGather;
    if (!waits) void settled.then(this.#turnOver);
  }

  readonly #turnOver = (): void => {
    if (this.#gathered.length === 0) this.#gatheringTurns = 0;
    else if (--this.#gatheringTurns > 0) void settled.then(this.#turnOver);
    else this.#send();
  };

  #send(): void {
    const items = this.#gathered;
    if (items.length === 0) return;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#sentAt = monotonic(this.#parts.host.clock);
    try {
      const first = this.#items - items.length;
      if (this.#dropped > this.#droppedTold) {
        this.#droppedTold = this.#dropped;
        this.#parts.outbox.add(this.#to, { kind: 'dropped', request: this.#request, count: this.#dropped }, this);
      }
      this.#parts.outbox.add(this.#to, { kind: 'items', request: this.#request, first, items }, this);
    } catch (error) {
      this.#items -= items.length;
      this.breakOff(error as HappenError);
    }
  }

  /** Ends it from this side, and tells the consumer why. */
  breakOff(error: HappenError): void {
    if (this.#over) return;
    this.fail(error);
    this.#source.stop(error);
  }

  #close(): void {
    this.#over = true;
    this.#gathered = [];
    if (this.#bucket >= 0) this.#parts.host.deadlines.remove(this, this.#bucket);
    this.#bucket = -1;
    this.#closed();
  }
}
