/**
 * The inside of a space: what its parts share. It is the host that nodes, talk and link ask for what they need; each of
 * them sees only the part its own interface names.
 */
import { describeThrown } from '../errors/describe-thrown.js';
import type { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import { CausalMemory, defaultMemorySize } from '../causality/causal-memory.js';
import { CausalRecord, makeEvent } from '../event/causal-record.js';
import { EventId } from '../event/event-id.js';
import { isReserved } from '../event/event-type.js';
import { hex, idSource, randomHex } from '../event/ids.js';
import type { Isolation } from '../event/isolation.js';
import type { StampSupport } from '../event/stamp.js';
import { toWireEvent } from '../event/wire-event.js';
import { explicitTracker } from '../flow/explicit-tracker.js';
import type { FlowRecord } from '../flow/flow-record.js';
import type { FlowInterceptor } from '../flow/flow-watching.js';
import { asyncTracker, hostCrypto, isDevelopment, systemClock } from '#host';
import type { AsyncTracker } from '../host/host.js';
import type { FrameRefusal } from '../identity/refusal.js';
import type { SecurityConfig } from '../identity/security-config.js';
import { Latencies } from '../metrics/latencies.js';
import { compileAcceptFrom } from '../node/accept-from.js';
import { HappenNode } from '../node/happen-node.js';
import { checkNodeId } from '../event/node-id.js';
import type { LagSeverity } from '../node/lag.js';
import { NodeCore } from '../node/node-core.js';
import type { NodeHost } from '../node/node-host.js';
import type { Clock } from '../ports/clock.js';
import type { Crypto } from '../ports/crypto.js';
import { type Logger, silentLogger } from '../ports/logger.js';
import type { ConnectionStatus } from '../ports/transport.js';
import { AbortWatch } from '../talk/abort-watch.js';
import { cancelled } from '../talk/send-errors.js';
import { ReceivedStream, type StreamTerms } from '../talk/received-stream.js';
import type { StreamSource } from '../flow/stream-source.js';
import { Deadlines } from '../talk/deadlines.js';
import { Dispatcher } from '../talk/dispatcher.js';
import type { EmissionInterceptor } from '../talk/emission-watching.js';
import { EventSigner } from '../talk/event-signing.js';
import { type EmitHost, Emitter } from '../talk/emitter.js';
import type { LocalTarget } from '../talk/host.js';
import type { Link } from '../link/link.js';
import type { LinkHost } from '../link/link-host.js';
import type { Join } from '../link/define-transport.js';
import { joinKey } from '../link/join-key.js';
import { encodeEvent } from '../wire/event-encoding.js';
import type { WireLimits } from '../wire/limits.js';
import { checkNodeOptions, checkSpaceConfig, concurrencyOf, limitsOf } from './check-config.js';
import { checkedIds } from './checked-ids.js';
import { closed, Closing, type Unfinished } from './closing.js';
import type { NodeOptions, SpaceConfig } from './config.js';
import { DelayedDispatches } from './delayed-dispatches.js';
import { detachedClock } from './detached-clock.js';
import { FlowBalance } from './flow-balance.js';
import { guardedLogger } from './guarded-logger.js';
import { SpaceConnection } from './connection.js';
import { healthOf, type SpaceHealth } from './health.js';
import { Idleness } from './idleness.js';
import { installExtensions, type InstalledExtensions } from './installed-extensions.js';
import { LocalNodes } from './local-nodes.js';
import { noCounts, type SpaceCounts, type SpaceMetrics, takeMetrics } from './metrics.js';
import { takeSchemas } from '../schema/check-schemas.js';
import { UntakenFailures } from './untaken-failures.js';
import { SystemChannel, type SystemChannelHost } from './system-channel.js';
import type { SystemEvent } from './system-events.js';
import { monotonic } from '../ports/monotonic.js';
import { Moments } from './moments.js';
import type { Due } from '../talk/options.js';

export class SpaceCore implements EmitHost, NodeHost, LinkHost, SystemChannelHost {
  readonly clock: Clock;
  readonly moments: Moments;
  readonly crypto: Crypto;
  readonly logger: Logger;
  readonly isolation: Isolation;
  readonly limits: WireLimits;
  readonly tracker: AsyncTracker<FlowRecord>;
  readonly tracksPromises: boolean;
  readonly deadlines: Deadlines;
  readonly frameSecurity: SecurityConfig | undefined;
  readonly eventSigner: EventSigner | undefined;
  readonly verifyEvent: SecurityConfig['verify'];
  readonly dispatcher: Dispatcher;
  readonly aborts = new AbortWatch();
  readonly stampSupport: StampSupport;
  readonly memory: CausalMemory;
  readonly remote: Link | undefined;
  readonly flowInterceptor: FlowInterceptor | undefined;
  readonly emissionInterceptor: EmissionInterceptor | undefined;
  readonly counts: SpaceCounts = noCounts();
  readonly latencies: Latencies | undefined;
  readonly system: SystemChannel;
  readonly #untaken: UntakenFailures;
  readonly #balance: FlowBalance;
  readonly #config: SpaceConfig;
  readonly #emitter: Emitter;
  readonly #extensions: InstalledExtensions;
  readonly #nodes: LocalNodes;
  readonly #idleness: Idleness;
  readonly #delayed: DelayedDispatches;
  readonly #closing: Closing;
  readonly #connection: SpaceConnection;

  constructor(config: SpaceConfig) {
    checkSpaceConfig(config);
    this.#config = config;
    this.crypto = config.crypto ?? hostCrypto;
    this.logger = config.logger === undefined ? silentLogger : guardedLogger(config.logger);
    this.isolation = config.isolation ?? (isDevelopment() ? 'freeze' : 'trust');
    this.limits = limitsOf(config.limits);
    this.frameSecurity = config.security?.sign === true ? config.security : undefined;
    const automatic = config.causality?.tracking === 'explicit' ? undefined : asyncTracker<FlowRecord>();
    this.tracker = automatic ?? explicitTracker<FlowRecord>();
    this.tracksPromises = automatic !== undefined;
    const clock = config.clock ?? systemClock;
    this.clock = detachedClock(clock, this.tracker);
    this.moments = new Moments(this.clock, clock);
    this.latencies = config.metrics?.latencies === true ? new Latencies(this.clock) : undefined;
    this.deadlines = new Deadlines(this.clock, (error) =>
      this.logger.error({ err: error }, 'a deadline could not be told'),
    );
    const { sign, verify } = config.security ?? {};
    this.verifyEvent = verify;
    this.eventSigner =
      typeof sign === 'function' ? new EventSigner(sign, this.clock, () => this.#idleness.look()) : undefined;
    this.dispatcher = new Dispatcher(() => this.#idleness.look());
    this.#idleness = new Idleness(this.clock, () => this.dispatcher.busy || this.eventSigner?.busy === true);
    this.#delayed = new DelayedDispatches(this.clock);
    this.#nodes = new LocalNodes(
      config.transport === undefined ? undefined : (changed) => this.remote?.interestsChanged(changed),
    );
    const { crypto, limits } = this;
    const memorySize = config.causality?.memory ?? defaultMemorySize;
    this.memory = new CausalMemory(memorySize);
    this.stampSupport = {
      ids: idSource(crypto),
      customIds: config.ids === undefined ? undefined : checkedIds(config.ids),
      hash: (event) => hex(encodeEvent(toWireEvent(event), undefined, crypto.sha256, { limits }).hash),
      maxDepth: config.causality?.maxDepth ?? 1000,
      system: config.system === undefined ? undefined : Object.freeze({ ...config.system }),
      notes: memorySize === 0 ? undefined : this.memory,
    };
    this.#emitter = new Emitter(this);
    this.system = new SystemChannel(this);
    this.#untaken = new UntakenFailures(this.clock, this.logger);
    this.#balance = new FlowBalance({
      listening: () => this.#nodes.listening(),
      emit: (type, payload) => this.system.emit(type, payload),
    });
    this.#extensions = installExtensions(
      config.extensions ?? [],
      { clock: measuring(this.clock) },
      (error, nodeId, event) => this.reportFailure(error, nodeId, event),
    );
    this.flowInterceptor = this.#extensions.flows;
    this.emissionInterceptor = this.#extensions.emissions;
    const { transport } = config;
    this.remote =
      transport === undefined ? undefined : (transport[joinKey] as Join)(this, randomHex(crypto, 16), limits);
    this.#closing = new Closing({
      clock: this.clock,
      logger: this.logger,
      nodes: this.#nodes,
      idleness: this.#idleness,
      delayed: this.#delayed,
      deadlines: this.deadlines,
      tracker: this.tracker,
      remote: this.remote,
      latencies: this.latencies,
      store: config.store,
    });
    const started = this.remote?.start(() => this.#nodes.cores());
    this.#connection = new SpaceConnection(started, (error) => {
      // Whoever closes the space before it was connected knows that it was not.
      if (this.#closing.state === 'open') {
        this.logger.warn(
          { err: error },
          'the transport could not be started; nodes of this process still reach each other',
        );
      }
      this.connectionStatus('closed', describeThrown(error).message);
    });
  }

  ready(): Promise<void> {
    return this.#connection.ready();
  }

  // --- nodes

  createNode(id: string, options: NodeOptions | undefined): HappenNode {
    if (this.#closing.state !== 'open') throw closed();
    checkNodeId(id);
    checkNodeOptions(options);
    this.#nodes.checkFree(id);
    const settings = concurrencyOf(id, this.#config.concurrency, options?.concurrency);
    const core = new NodeCore(
      this,
      id,
      settings,
      compileAcceptFrom(options?.acceptFrom),
      options?.identity,
      takeSchemas(options?.events),
    );
    core.exclusive = options?.exclusive === true;
    const node = new HappenNode({
      core,
      emitter: this.#emitter,
      stampSupport: this.stampSupport,
      checkOpen: (flow) => this.checkOpen(flow),
      close: (closing, flow) => this.#closing.closeNode(closing, flow),
    });
    this.#extensions.extend(node);
    this.#nodes.add(core, node);
    this.remote?.attach(core);
    return node;
  }

  localNode(id: string): NodeCore | undefined {
    return this.#nodes.get(id)?.core;
  }

  listeners(type: string): readonly LocalTarget[] {
    return this.#nodes.listeners(type);
  }

  interestsChanged(node: NodeCore): void {
    this.#nodes.interestsChanged(node);
  }

  nodeIdle(node: NodeCore): void {
    this.#idleness.nodeIdle(node);
  }

  // --- what nobody waits for

  openStream(source: StreamSource, terms: StreamTerms): AsyncIterator<unknown> {
    return new ReceivedStream(this, source, terms, cancelled);
  }

  reportFailure(error: HappenError, nodeId: string, event: HappenEvent | undefined, isTaken = false): void {
    if (event !== undefined && isReserved(event.type)) {
      this.logger.error({ err: error, type: event.type, node: nodeId }, 'a handler of a system event failed');
      return;
    }
    const about = event === undefined ? undefined : { type: event.type, eventId: event.context.causal.id };
    const payload = { nodeId, code: error.code, message: error.message, error, ...about };
    if (this.system.emit('node.error', payload) || isTaken) {
      this.logger.debug({ err: error, node: nodeId, ...about }, 'a failure was told as node.error');
    } else {
      this.#untaken.failed(error, nodeId, event);
    }
  }

  reportUnhandled(event: HappenEvent, nodeId: string | undefined, isAsked: boolean): void {
    const { id, sender } = event.context.causal;
    const isHeard = this.system.emit('node.unhandled', { nodeId, type: event.type, eventId: id, sender });
    // Nobody needs to want a broadcast.
    if (!isHeard && !isAsked && nodeId !== undefined)
      this.logger.debug({ node: nodeId, type: event.type, eventId: id }, 'nothing handles an event');
  }

  reportPressure(nodeId: string, high: boolean, waiting: number, limit: number): void {
    this.system.emit('node.backpressure', { nodeId, level: high ? 'high' : 'normal', waiting, limit });
  }

  nodeFellBehind(nodeId: string, severity: LagSeverity, waiting: number): void {
    this.#balance.fellBehind(nodeId, severity, waiting);
  }

  nodeCaughtUp(nodeId: string): void {
    this.#balance.caughtUp(nodeId);
  }

  frameRefused(reason: FrameRefusal, nodeId: string | undefined): void {
    this.logger.debug({ reason, node: nodeId }, 'a frame, or something in it, was refused');
    this.system.emit('system.frame-refused', { reason, nodeId });
  }

  nodeConflict(nodeId: string, instance: string): void {
    this.logger.warn({ node: nodeId, instance }, 'a node that is exclusive lives elsewhere as well');
    this.system.emit('system.node-conflict', { nodeId, instance });
  }

  connectionStatus(status: ConnectionStatus, reason: string | undefined): void {
    this.#connection.changed(status, reason);
    this.system.emit('system.connection-status', reason === undefined ? { status } : { status, reason });
  }

  // --- the framework's own events

  stamped(type: string, payload: object): HappenEvent {
    const record = CausalRecord.root(
      'system',
      new EventId(this.stampSupport, this.stampSupport.ids.tick(this.clock.now()), undefined),
      undefined,
    );
    const context = Object.freeze({ causal: record, origin: Object.freeze({ nodeId: 'system' }) });
    return Object.freeze(makeEvent(type, Object.freeze(payload), context, record));
  }

  outsideFlows(run: () => void): void {
    this.tracker.run(undefined, run, undefined);
  }

  hasNodesFor(type: string): boolean {
    return this.#nodes.listeners(type).length > 0;
  }

  deliver(event: HappenEvent): void {
    for (const node of this.#nodes.listeners(event.type)) node.receiveOwn(event);
  }

  on(pattern: string, handler: (event: SystemEvent) => unknown): () => void {
    return this.system.on(pattern, handler);
  }

  metrics(): SpaceMetrics {
    return takeMetrics(this.counts, this.remote?.counts, this.#nodes.cores(), this.latencies);
  }

  health(): SpaceHealth {
    return healthOf(this.#closing.state, this.#connection.state, this.#nodes.cores());
  }

  // --- time and the end

  /** @returns what forgets it, without a word */
  delay(due: Due, run: () => void, calledOff: (error: HappenError) => void): () => void {
    if (this.#closing.state !== 'closed') return this.#delayed.add(due, run, calledOff);
    calledOff(closed());
    return () => {};
  }

  checkOpen(flow: FlowRecord | undefined): void {
    this.#closing.checkOpen(flow);
  }

  async close(timeoutMs?: number): Promise<{ unfinished: Unfinished[] }> {
    this.#connection.close(closed());
    const left = await this.#closing.close(timeoutMs, this.tracker.current());
    this.#untaken.flush();
    return left;
  }
}

/** A clock that has durations, if only those of `now`. */
function measuring(clock: Clock): { now(): number; monotonic(): number } {
  return { now: () => clock.now(), monotonic: () => monotonic(clock) };
}
