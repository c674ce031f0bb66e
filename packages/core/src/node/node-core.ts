/**
 * The inside of a node: what takes events, runs their flows and ends them. `HappenNode` is what users hold of it.
 *
 * Invariants:
 * 1. Every delivery taken is ended exactly once, and its slot given back then.
 * 2. `#flows` holds the deliveries that have gone on asynchronously, and no others.
 */
import { HappenError } from '../errors/happen-error.js';
import type { HappenEvent, Origin } from '../event/event.js';
import type { Sender } from '../event/stamp.js';
import { Delivery, type FlowHost, type ReplySink, unlimited } from '../flow/delivery.js';
import type { FlowRecord } from '../flow/flow-record.js';
import type { FlowInterceptor } from '../flow/flow-watching.js';
import { deliveryOf, startFlows } from '../flow/one-or-batch.js';
import { SourceDelivery, type SourceSink } from '../flow/source-delivery.js';
import type { Handled } from '../flow/step.js';
import type { Identity } from '../identity/identity.js';
import type { KeyPair, Signer } from '../identity/key-pair.js';
import { OwnIdentity } from '../identity/own-identity.js';
import type { StandardSchema } from '../schema/standard-schema.js';
import type { AsyncTracker } from '../host/host.js';
import type { Latencies, NodeLatencies } from '../metrics/latencies.js';
import type { Clock } from '../ports/clock.js';
import type { DeliveryTerms, LocalTarget } from '../talk/host.js';
import type { Acceptance } from './accept-from.js';
import { EntryCheck } from './entry-check.js';
import { type ConcurrencySettings, Inbox, type InboxOwner } from './inbox.js';
import type { LagSeverity } from './lag.js';
import type { NodeHost } from './node-host.js';
import { asynchronousSchema, brokenOff, matcherFailed, nodeClosed, noHandler, notAccepted } from './refusals.js';
import { type Registration, Registrations } from './registrations.js';
import { type Admission, SchemaGate } from './schema-gate.js';

export class NodeCore implements FlowHost, InboxOwner, Sender, LocalTarget {
  readonly id: string;
  readonly origin: Origin;
  readonly clock: Clock;
  readonly tracker: AsyncTracker<FlowRecord>;
  readonly tracksPromises: boolean;
  readonly flowInterceptor: FlowInterceptor | undefined;
  readonly registrations: Registrations;
  readonly #host: NodeHost;
  readonly #settings: ConcurrencySettings;
  readonly #inbox: Inbox;
  readonly #entryCheck: EntryCheck;
  readonly #latencies: NodeLatencies | undefined;
  /** There is none where no type has a schema. */
  readonly #gate: SchemaGate | undefined;
  readonly #flows = new Set<Delivery>();
  #unqueuedRunning = 0;
  #streaming = 0;
  readonly #own: OwnIdentity;
  /** Whether it is meant to live in one place alone. */
  exclusive = false;
  /** Whether the end of each delivery is of interest, as otherwise only that of the last. */
  tellsEachEnd = false;
  #streamsEndBy: HappenError | undefined;
  #intake: 'open' | 'flows' | 'shut' = 'open';
  /** Makes the node that a flow's `context.node` is. */
  bind: (flow: FlowRecord) => unknown = () => undefined;

  constructor(
    host: NodeHost,
    id: string,
    settings: ConcurrencySettings,
    acceptance: Acceptance | undefined,
    identity: Uint8Array | Signer | undefined,
    schemas: ReadonlyMap<string, StandardSchema> | undefined,
  ) {
    this.#host = host;
    this.id = id;
    this.origin = Object.freeze({ nodeId: id });
    this.clock = host.clock;
    this.tracker = host.tracker;
    this.tracksPromises = host.tracksPromises;
    this.flowInterceptor = host.flowInterceptor;
    this.#settings = settings;
    this.#entryCheck = new EntryCheck(host.clock, id, acceptance);
    this.#gate = schemas === undefined ? undefined : new SchemaGate(host, id, schemas);
    this.#own = new OwnIdentity(host.crypto, identity);
    this.#inbox = new Inbox(this, settings);
    this.#latencies = host.latencies?.node(id);
    this.registrations = new Registrations(
      (error, type) => host.reportFailure(matcherFailed(id, type, error), id, undefined),
      () => host.interestsChanged(this),
    );
  }

  get keyPair(): KeyPair {
    return this.#own.keyPair;
  }

  get identity(): Identity {
    return this.#own.identity;
  }

  get running(): number {
    return this.#inbox.running + this.#unqueuedRunning;
  }

  get waiting(): number {
    return this.#inbox.waiting;
  }

  /** Streams that wait for their consumers, and so hold no slot. */
  get streaming(): number {
    return this.#streaming;
  }

  get isBusy(): boolean {
    return this.running > 0 || this.waiting > 0 || this.#streaming > 0;
  }

  /** Whether as many events wait as its `backpressureThreshold` says. */
  get underPressure(): boolean {
    return this.#inbox.underPressure;
  }

  /** The deliveries that have gone on asynchronously. */
  get flows(): ReadonlySet<Delivery> {
    return this.#flows;
  }

  receive(handled: Handled, reply: ReplySink | undefined, terms: DeliveryTerms): Delivery | HappenError {
    return this.#receive(deliveryOf(this, handled, reply, terms), terms);
  }

  receiveOwnBroadcast(event: HappenEvent, sink: SourceSink, terms: DeliveryTerms): Delivery | HappenError {
    return this.#receive(new SourceDelivery(this, event, sink, terms), terms);
  }

  generates(type: string): boolean {
    return this.registrations.generates(type);
  }

  #receive(delivery: Delivery, terms: DeliveryTerms): Delivery | HappenError {
    const { event, handled, reply } = delivery;
    if (this.#intake === 'shut') return nodeClosed(this.id);
    if (!this.#entryCheck.accepts(handled)) {
      this.#host.counts.notAccepted++;
      return notAccepted(this.id, event);
    }
    if (this.registrations.matching(event.type).length === 0) {
      this.#host.counts.unhandled++;
      this.#host.reportUnhandled(event, this.id, reply !== undefined);
      if (reply !== undefined) return noHandler(this.id, event.type);
      delivery.abandon();
      return delivery;
    }
    if (terms.dedupeKey !== undefined) {
      const repeated = this.#entryCheck.repeated(delivery, terms.dedupeKey);
      if (repeated !== undefined) return repeated;
    }
    if (this.#latencies !== undefined) delivery.extras.since = this.#now();
    const refusal = this.#inbox.submit(delivery);
    if (refusal === undefined) return delivery;
    this.dropped(delivery);
    this.#host.counts.queueFull++;
    return refusal;
  }

  receiveFromElsewhere(handled: Handled, reply: ReplySink | undefined, terms: DeliveryTerms): Delivery | HappenError {
    return this.#intake === 'open' ? this.receive(handled, reply, terms) : nodeClosed(this.id);
  }

  /** Takes one of the framework's own events, which `acceptFrom` does not concern. */
  receiveOwn(event: HappenEvent): void {
    const delivery = new Delivery(this, event, undefined, unlimited(this.clock.now()));
    if (this.#latencies !== undefined) delivery.extras.since = this.#now();
    this.#inbox.submit(delivery);
  }

  /** Whether a handler is registered for the type. */
  handles(type: string): boolean {
    return this.registrations.matching(type).length > 0;
  }

  interests(): readonly string[] {
    return this.registrations.interests();
  }

  /**
   * Runs an event past the queue; gives back nothing when `reply` has already heard why not.
   *
   * @param atOnce whether a flow that is only long must not give way to the event loop
   */
  runNow(handled: Handled, reply: ReplySink, atOnce = false): Delivery | undefined {
    const delivery = deliveryOf(this, handled, reply, unlimited(this.clock.now()));
    const { event } = delivery;
    if (this.#intake === 'shut') {
      reply.reject(nodeClosed(this.id));
      return undefined;
    }
    const entries = this.registrations.matching(event.type);
    if (entries.length === 0) {
      this.#host.counts.unhandled++;
      this.#host.reportUnhandled(event, this.id, true);
      reply.reject(noHandler(this.id, event.type));
      return undefined;
    }
    if (atOnce) delivery.extras.atOnce = true;
    delivery.slot = 'unqueued';
    this.#unqueuedRunning++;
    if (this.#latencies !== undefined) delivery.extras.since = this.#now();
    this.#start(delivery, entries);
    return delivery;
  }

  /** From now on only what flows of the space still send is taken; with `shut`, nothing at all. */
  stopIntake(): void {
    this.#intake = 'flows';
  }

  shut(): void {
    this.#intake = 'shut';
  }

  get streamsEndBy(): HappenError | undefined {
    return this.#streamsEndBy;
  }

  /** Tells generators, of which some never end by themselves, that the end is near; those too that begin from now on. */
  signalStreams(reason: HappenError): void {
    this.#streamsEndBy = reason;
    for (const delivery of this.#flows) delivery.signalStream(reason);
  }

  /** Gives up what waits and runs: the flows' signals abort, and whoever asked is told. Gives back what was left. */
  abort(reason: HappenError): Delivery[] {
    const left = [...this.#flows];
    for (const delivery of this.#inbox.takeWaiting()) {
      delivery.refuse(reason);
      left.push(delivery);
    }
    for (const delivery of this.#flows) delivery.giveUp(reason);
    return left;
  }

  // --- what the inbox asks for

  begin(delivery: Delivery): void {
    delivery.slot = 'inbox';
    const { event } = delivery;
    const entries = this.registrations.matching(event.type);
    if (entries.length === 0) {
      this.#unregistered(delivery);
      return;
    }
    if (this.#latencies !== undefined) {
      const now = this.#now();
      this.#latencies.waiting.record(now - delivery.extras.since);
      delivery.extras.since = now;
    }
    this.#start(delivery, entries);
  }

  /** Its handler was unregistered while it waited. */
  #unregistered(delivery: Delivery): void {
    const { event } = delivery;
    this.#host.reportUnhandled(event, this.id, delivery.reply !== undefined);
    this.dropped(delivery);
    delivery.refuse(noHandler(this.id, event.type));
    this.#free(delivery);
  }

  #start(delivery: Delivery, entries: readonly Registration[]): void {
    const gate = this.#gate;
    if (gate === undefined) {
      this.#startFlows(delivery, entries);
      return;
    }
    const { type } = delivery.event;
    const admission = gate.admit(delivery);
    if (!(admission instanceof Promise)) {
      this.#admitted(delivery, entries, admission);
    } else if (delivery.atOnce) {
      this.#notAdmitted(delivery, asynchronousSchema(this.id, type));
    } else {
      this.#flows.add(delivery);
      void admission.then((admitted) => {
        this.#flows.delete(delivery);
        const matching = this.registrations.matching(type);
        if (delivery.cancelled !== undefined) {
          this.dropped(delivery);
          delivery.refuse(delivery.cancelled);
          this.#free(delivery);
        } else if (matching.length === 0) {
          this.#unregistered(delivery);
        } else {
          this.#admitted(delivery, matching, admitted);
        }
      });
    }
  }

  #admitted(delivery: Delivery, entries: readonly Registration[], admission: Admission): void {
    if (admission instanceof HappenError) {
      this.#notAdmitted(delivery, admission);
      return;
    }
    delivery.replace(admission);
    this.#startFlows(delivery, entries);
  }

  #notAdmitted(delivery: Delivery, error: HappenError): void {
    this.#host.counts.schemaRejected++;
    this.dropped(delivery);
    delivery.refuse(error);
    if (delivery.reply === undefined) this.#host.reportFailure(error, this.id, delivery.event);
    this.#free(delivery);
  }

  /** The stack may end anywhere within, under a recursion of the user's: the slot has to come back all the same. */
  #startFlows(delivery: Delivery, entries: readonly Registration[]): void {
    try {
      startFlows(delivery, entries, this.#gate);
    } catch (cause) {
      // First, and in this very call: there may be no stack left for another.
      if (delivery.slot === 'unqueued') {
        delivery.slot = 'none';
        this.#unqueuedRunning--;
      }
      if (!delivery.ended) delivery.refuse(brokenOff(cause));
      this.ended(delivery);
      return;
    }
    if (!delivery.ended) this.#flows.add(delivery);
  }

  pressure(high: boolean, waiting: number): void {
    this.#host.reportPressure(this.id, high, waiting, this.#settings.queueLimit);
  }

  fellBehind(severity: LagSeverity, waiting: number): void {
    this.#host.nodeFellBehind(this.id, severity, waiting);
  }

  caughtUp(): void {
    this.#host.nodeCaughtUp(this.id);
  }

  idle(): void {
    if (this.#unqueuedRunning === 0 && this.#streaming === 0) this.#host.nodeIdle(this);
  }

  /** It was not handled, so that the same event sent again is no repetition. */
  dropped(delivery: Delivery): void {
    this.#entryCheck.forget(delivery);
  }

  // --- what flows ask for

  bound(flow: FlowRecord): unknown {
    return this.bind(flow);
  }

  /** Sent again, it is no repetition. */
  cameToNothing(delivery: Delivery): void {
    this.#entryCheck.forget(delivery);
  }

  handlerFailed(error: HappenError, delivery: Delivery, isTaken: boolean): void {
    this.#host.counts.handlerFailures++;
    this.#host.reportFailure(error, this.id, delivery.event, isTaken);
  }

  ended(delivery: Delivery): void {
    this.#host.counts.handled++;
    this.#latencies?.handling.record(this.#now() - delivery.extras.since);
    this.#free(delivery);
  }

  /** Gives back what a delivery has taken up. */
  #free(delivery: Delivery): void {
    if (this.#flows.size > 0) this.#flows.delete(delivery);
    const { slot } = delivery;
    delivery.slot = 'none';
    if (slot === 'inbox') {
      this.#inbox.release(delivery);
    } else if (slot === 'stream') {
      this.#streaming--;
      this.#inbox.releaseKey(delivery);
    } else {
      if (slot === 'unqueued') this.#unqueuedRunning--;
      if (this.#inbox.running === 0 && this.#inbox.waiting === 0) this.idle();
    }
    if (this.tellsEachEnd) this.#host.nodeIdle(this);
  }

  onlyStreamLeft(delivery: Delivery): void {
    this.#streaming++;
    delivery.slot = 'stream';
    this.#inbox.releaseSlot();
  }

  #now(): number {
    return (this.#host.latencies as Latencies).now();
  }
}
