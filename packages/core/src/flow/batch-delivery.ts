/**
 * A batch at one node where some registration takes its events one by one. Each registration has its turn, as in every
 * delivery; what it takes is given to it in deliveries of their own, one after the other: one for each event, or one for all.
 *
 * Invariants:
 * 1. `#taken[i]` counts the registrations that event `i` has been given to, by itself or through `context.next`. A registration
 *    is given the events that it has not had.
 * 2. At most one delivery of a part runs at a time. It takes no slot of the node: the whole batch has one.
 */
import type { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import { Delivery, type Entry, type FlowHost, type ReplySink } from './delivery.js';
import type { FlowRecord } from './flow-record.js';
import type { Handled } from './step.js';
import { TurnTaking } from './turn-taking.js';

interface Part {
  readonly handled: Handled;
  /** The places of its events in the batch. */
  readonly indices: readonly number[];
}

type PartOutcome = { readonly value: unknown } | { readonly error: HappenError };

export class BatchDelivery extends Delivery {
  #entries: readonly Entry[] = [];
  #isOneByOne: (entry: Entry) => boolean = () => false;
  #taken: number[] = [];
  #turn = 0;
  /** What the registration whose turn it is is given, how much of that it has been, and what came of it. */
  #parts: readonly Part[] = [];
  #begun = 0;
  #outcomes: PartOutcome[] = [];
  #current: Delivery | undefined;
  #looping = false;
  #replied = false;

  /** Runs the flows as `start` does, but for the registrations that take events one by one. */
  startParts(entries: readonly Entry[], isOneByOne: (entry: Entry) => boolean): void {
    if (!entries.some(isOneByOne)) {
      this.start(entries);
      return;
    }
    this.#entries = entries;
    this.#isOneByOne = isOneByOne;
    this.#taken = this.#events.map(() => 0);
    this.#fillParts();
    this.#goOn();
  }

  override cancel(reason: HappenError): void {
    super.cancel(reason);
    this.#current?.cancel(reason);
  }

  override giveUp(reason: HappenError): void {
    super.giveUp(reason);
    this.#replied = true;
    this.#current?.giveUp(reason);
  }

  override abortSignal(reason: HappenError): void {
    super.abortSignal(reason);
    this.#current?.abortSignal(reason);
  }

  override signalStream(reason: HappenError): void {
    super.signalStream(reason);
    this.#current?.signalStream(reason);
  }

  get #events(): readonly HappenEvent[] {
    return this.handled as readonly HappenEvent[];
  }

  /** In one loop, so that a batch of any length uses no stack. */
  readonly #goOn = (): void => {
    if (this.#looping) return;
    this.#looping = true;
    const turns = new TurnTaking(this.host.clock);
    while (this.#current === undefined && !this.ended) {
      // What nobody waits for any more is not begun.
      if (this.cancelled !== undefined) this.#end();
      else if (this.#begun < this.#parts.length) this.#run(this.#parts[this.#begun++] as Part);
      else this.#endTurn();
      if (!turns.isDue) continue;
      turns.after(this.#goOn);
      break;
    }
    this.#looping = false;
  };

  #run({ handled, indices }: Part): void {
    const turn = this.#turn;
    const reply: ReplySink = {
      resolve: (value) => void this.#outcomes.push({ value }),
      reject: (error) => void this.#outcomes.push({ error }),
    };
    const host = new PartHost(this.host, (ended) => {
      for (const index of indices) this.#taken[index] = turn + ended.started;
      this.#current = undefined;
      this.#goOn();
    });
    // Without an asker the flows see that there is none.
    const asker = this.reply === undefined ? undefined : reply;
    const part = new Delivery(host, handled, asker, this.terms);
    part.deadlineAt = this.deadlineAt;
    part.extras.partOf = this;
    this.#current = part;
    part.start(this.#entries.slice(turn), 1);
  }

  /** The registration whose turn it was has had all: what came of it may be the answer. */
  #endTurn(): void {
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    if (!this.#replied && outcomes.length > 0) {
      const failure = outcomes.find((outcome) => 'error' in outcome);
      const values = outcomes.map((outcome) => ('value' in outcome ? outcome.value : undefined));
      if (failure !== undefined) {
        this.#replied = true;
        this.reply?.reject(failure.error);
      } else if (values.some((value) => value !== undefined)) {
        this.#replied = true;
        // A list that crosses a wire holds no `undefined`.
        this.reply?.resolve(this.#isListed() ? values.map((value) => (value === undefined ? null : value)) : values[0]);
      }
    }
    this.#turn++;
    if (this.#turn < this.#entries.length) {
      this.#fillParts();
      return;
    }
    if (!this.#replied) this.reply?.resolve(undefined);
    this.#end();
  }

  #end(): void {
    this.abandon();
    this.host.ended(this);
  }

  #isListed(): boolean {
    return this.#isOneByOne(this.#entries[this.#turn] as Entry);
  }

  #fillParts(): void {
    const events = this.#events;
    this.#begun = 0;
    this.#parts = [];
    const indices = [...events.keys()].filter((index) => (this.#taken[index] as number) <= this.#turn);
    if (this.#isListed()) {
      this.#parts = indices.map((index) => ({ handled: events[index] as HappenEvent, indices: [index] }));
    } else if (indices.length > 0) {
      this.#parts = [{ handled: Object.freeze(indices.map((index) => events[index] as HappenEvent)), indices }];
    }
  }
}

/** The node, as the flows of a part know it. */
class PartHost implements FlowHost {
  readonly #node: FlowHost;
  readonly #ended: (part: Delivery) => void;

  constructor(node: FlowHost, ended: (part: Delivery) => void) {
    this.#node = node;
    this.#ended = ended;
  }

  get id(): string {
    return this.#node.id;
  }

  get origin(): FlowHost['origin'] {
    return this.#node.origin;
  }

  get clock(): FlowHost['clock'] {
    return this.#node.clock;
  }

  get tracker(): FlowHost['tracker'] {
    return this.#node.tracker;
  }

  get tracksPromises(): boolean {
    return this.#node.tracksPromises;
  }

  get flowInterceptor(): FlowHost['flowInterceptor'] {
    return this.#node.flowInterceptor;
  }

  get streamsEndBy(): FlowHost['streamsEndBy'] {
    return this.#node.streamsEndBy;
  }

  bound(flow: FlowRecord): unknown {
    return this.#node.bound(flow);
  }

  handlerFailed(error: HappenError, part: Delivery, isTaken: boolean): void {
    this.#node.handlerFailed(error, part, isTaken);
  }

  /** Others of the batch may have come to something. */
  cameToNothing(): void {}

  ended(part: Delivery): void {
    this.#ended(part);
  }

  /** A part takes no streams. */
  onlyStreamLeft(): void {}
}
