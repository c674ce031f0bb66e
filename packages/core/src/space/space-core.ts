/**
 * The inside of a space: its nodes, what they share, and how it ends. It is the host that nodes, talk and link ask for
 * what they need; each of them sees only the part its own interface names.
 *
 * Invariants:
 * 1. Node ids are unique within the space.
 * 2. `#byType` answers from the registrations as they are: every change of any node's empties it.
 * 3. Once closing, nothing enters from outside; what flows send while they finish still goes out, until all is idle or the
 *    time is over.
 */
import { describeThrown } from '../errors/describe-thrown.js';
import { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import { CausalRecord, makeEvent } from '../event/causal-record.js';
import { isReserved } from '../event/event-type.js';
import { hex, idSource, randomHex } from '../event/ids.js';
import type { Isolation } from '../event/isolation.js';
import type { StampSupport } from '../event/stamp.js';
import { toWireEvent } from '../event/wire-event.js';
import type { Delivery } from '../flow/delivery.js';
import { explicitTracker } from '../flow/explicit-tracker.js';
import { FlowRecord } from '../flow/flow-record.js';
import { asyncTracker, hostCrypto, isDevelopment, systemClock } from '#host';
import type { AsyncTracker } from '../host/host.js';
import { compileAcceptFrom } from '../node/accept-from.js';
import { HappenNode } from '../node/happen-node.js';
import { checkNodeId } from '../event/node-id.js';
import { type NodeCounts, NodeCore, type NodeHost } from '../node/node-core.js';
import type { Clock } from '../ports/clock.js';
import type { Crypto } from '../ports/crypto.js';
import { type Logger, silentLogger } from '../ports/logger.js';
import type { ConnectionStatus } from '../ports/transport.js';
import { AbortWatch } from '../talk/abort-watch.js';
import { Deadlines } from '../talk/deadlines.js';
import { Dispatcher } from '../talk/dispatcher.js';
import { type EmitHost, Emitter } from '../talk/emitter.js';
import type { LocalTarget, TalkCounts } from '../talk/host.js';
import type { Link, LinkCounts, LinkHost } from '../talk/link.js';
import { joinKey } from '../talk/join-key.js';
import { encodeEvent } from '../wire/event-encoding.js';
import type { WireLimits } from '../wire/limits.js';
import { checkNodeOptions, checkSpaceConfig, concurrencyOf, limitsOf } from './check-config.js';
import type { NodeOptions, SpaceConfig } from './config.js';
import { detachedClock } from './detached-clock.js';
import { guardedLogger } from './guarded-logger.js';
import { installExtensions, type InstalledExtensions } from './installed-extensions.js';
import { SystemChannel, type SystemChannelHost } from './system-channel.js';
import type { SystemEvent } from './system-events.js';
import { within } from './within.js';

/** A flow that `close` did not wait for any longer. */
export interface Unfinished {
  readonly nodeId: string;
  readonly type: string;
  readonly eventId: string;
}

/** What a space has counted since it was made. */
export interface SpaceMetrics {
  readonly talk: Readonly<TalkCounts>;
  readonly nodes: Readonly<NodeCounts>;
  /** `undefined` without a transport. */
  readonly link: Readonly<LinkCounts> | undefined;
  readonly queues: { readonly [nodeId: string]: { readonly running: number; readonly waiting: number } };
}

const mostRememberedTypes = 1024;
const defaultCloseTimeoutMs = 10_000;
/** What a transport and a store get at least for stopping, in all. */
const leastStopMs = 1_000;

export class SpaceCore implements EmitHost, NodeHost, LinkHost, SystemChannelHost {
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly logger: Logger;
  readonly isolation: Isolation;
  readonly limits: WireLimits;
  readonly tracker: AsyncTracker<FlowRecord>;
  readonly tracksPromises: boolean;
  readonly deadlines: Deadlines;
  readonly dispatcher: Dispatcher;
  readonly aborts = new AbortWatch();
  readonly stampSupport: StampSupport;
  readonly remote: Link | undefined;
  readonly counts: TalkCounts & NodeCounts = {
    sent: 0,
    broadcast: 0,
    requests: 0,
    failedRequests: 0,
    handled: 0,
    handlerFailures: 0,
    notAccepted: 0,
    unhandled: 0,
    queueFull: 0,
  };
  readonly system: SystemChannel;
  readonly #config: SpaceConfig;
  readonly #emitter: Emitter;
  readonly #extensions: InstalledExtensions;
  readonly #nodes = new Map<
    string,
    { readonly core: NodeCore; readonly node: HappenNode; closed: Promise<void> | undefined }
  >();
  readonly #byType = new Map<string, readonly NodeCore[]>();
  readonly #delayed = new Set<(error: HappenError) => void>();
  readonly #connected: Promise<void>;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #closing: Promise<{ unfinished: Unfinished[] }> | undefined;
  readonly #idleWatchers = new Set<() => void>();
  readonly #nodeWatchers = new Map<NodeCore, Set<() => void>>();
  #interestsDirty: Set<NodeCore> | undefined;

  constructor(config: SpaceConfig) {
    checkSpaceConfig(config);
    this.#config = config;
    this.crypto = config.crypto ?? hostCrypto;
    this.logger = config.logger === undefined ? silentLogger : guardedLogger(config.logger);
    this.isolation = config.isolation ?? (isDevelopment() ? 'freeze' : 'trust');
    this.limits = limitsOf(config.limits);
    const automatic = config.causality?.tracking === 'explicit' ? undefined : asyncTracker<FlowRecord>();
    this.tracker = automatic ?? explicitTracker<FlowRecord>();
    this.tracksPromises = automatic !== undefined;
    this.clock = detachedClock(config.clock ?? systemClock, this.tracker);
    this.deadlines = new Deadlines(this.clock, (error) =>
      this.logger.error({ err: error }, 'a deadline could not be told'),
    );
    this.dispatcher = new Dispatcher(() => this.#checkIdle());
    const { crypto, limits } = this;
    this.stampSupport = {
      ids: idSource(crypto),
      customIds: config.ids === undefined ? undefined : checkedIds(config.ids),
      hash: (event) => hex(encodeEvent(toWireEvent(event), undefined, crypto.sha256, { limits }).hash),
      maxDepth: config.causality?.maxDepth ?? 1000,
      system: config.system === undefined ? undefined : Object.freeze({ ...config.system }),
    };
    this.#emitter = new Emitter(this);
    this.system = new SystemChannel(this);
    this.#extensions = installExtensions(config.extensions ?? [], { clock: this.clock });
    const { transport } = config;
    this.remote = transport === undefined ? undefined : transport[joinKey](this, randomHex(crypto, 16), limits);
    this.#connected = this.remote?.start(() => [...this.#nodes.values()].map(({ core }) => core)) ?? Promise.resolve();
    this.#connected.catch((error: unknown) => {
      this.logger.warn(
        { err: error },
        'the transport could not be started; nodes of this process still reach each other',
      );
      this.system.emit('system.connection-status', {
        status: 'closed',
        reason: describeThrown(error).message,
      });
    });
  }

  get emission(): EmitHost['emission'] {
    return this.#extensions.emission;
  }

  ready(): Promise<void> {
    return this.#connected;
  }

  // --- nodes

  createNode(id: string, options: NodeOptions | undefined): HappenNode {
    if (this.#state !== 'open') throw closed();
    checkNodeId(id);
    checkNodeOptions(options);
    if (this.#nodes.has(id)) {
      throw new HappenError(
        'HAPPEN_DUPLICATE_NODE',
        `There is a node "${id}" in this space already. Choose another id, or close the first.`,
        {
          details: { node: id },
        },
      );
    }
    const settings = concurrencyOf(id, this.#config.concurrency, options?.concurrency);
    const core = new NodeCore(this, id, settings, compileAcceptFrom(options?.acceptFrom));
    const node = new HappenNode({
      core,
      emitter: this.#emitter,
      stampSupport: this.stampSupport,
      checkOpen: (flow) => this.checkOpen(flow),
      close: (closing) => this.#closeNode(closing),
    });
    this.#extensions.extend(node);
    this.#nodes.set(id, { core, node, closed: undefined });
    this.#byType.clear();
    this.remote?.attach(core);
    return node;
  }

  localNode(id: string): NodeCore | undefined {
    return this.#nodes.get(id)?.core;
  }

  listeners(type: string): readonly LocalTarget[] {
    const remembered = this.#byType.get(type);
    if (remembered !== undefined) return remembered;
    const found: NodeCore[] = [];
    for (const { core } of this.#nodes.values()) if (core.handles(type)) found.push(core);
    if (this.#byType.size >= mostRememberedTypes) this.#byType.clear();
    this.#byType.set(type, found);
    return found;
  }

  /** Told to the transport once for all changes of a turn. */
  interestsChanged(node: NodeCore): void {
    this.#byType.clear();
    const { remote } = this;
    if (remote === undefined) return;
    if (this.#interestsDirty === undefined) {
      this.#interestsDirty = new Set();
      void Promise.resolve().then(() => {
        const dirty = this.#interestsDirty ?? [];
        this.#interestsDirty = undefined;
        for (const changed of dirty) remote.interestsChanged(changed);
      });
    }
    this.#interestsDirty.add(node);
  }

  nodeIdle(node: NodeCore): void {
    this.#checkIdle();
    for (const look of this.#nodeWatchers.get(node) ?? []) look();
  }

  // --- what nobody waits for

  reportFailure(error: HappenError, nodeId: string, event: HappenEvent | undefined): void {
    if (event !== undefined && isReserved(event.type)) {
      this.logger.error({ err: error, type: event.type, node: nodeId }, 'a handler of a system event failed');
      return;
    }
    this.logger.debug({ err: error, node: nodeId }, 'a failure was told as node.error');
    const about = event === undefined ? undefined : { type: event.type, eventId: event.context.causal.id };
    this.system.emit('node.error', { nodeId, code: error.code, message: error.message, error, ...about });
  }

  reportUnhandled(event: HappenEvent, nodeId: string | undefined): void {
    const { id, sender } = event.context.causal;
    this.system.emit('node.unhandled', { nodeId, type: event.type, eventId: id, sender });
  }

  reportPressure(nodeId: string, high: boolean, waiting: number, limit: number): void {
    this.system.emit('node.backpressure', { nodeId, level: high ? 'high' : 'normal', waiting, limit });
  }

  connectionStatus(status: ConnectionStatus, reason: string | undefined): void {
    this.system.emit('system.connection-status', reason === undefined ? { status } : { status, reason });
  }

  // --- the framework's own events

  stamped(type: string, payload: object): HappenEvent {
    const record = CausalRecord.root(
      this.stampSupport,
      'system',
      this.stampSupport.ids.tick(this.clock.now()),
      undefined,
      undefined,
    );
    const context = Object.freeze({ causal: record, origin: Object.freeze({ nodeId: 'system' }) });
    return Object.freeze(makeEvent(type, Object.freeze(payload), context, record));
  }

  outsideFlows(run: () => void): void {
    this.tracker.run(undefined, run, undefined);
  }

  hasNodesFor(type: string): boolean {
    return this.listeners(type).length > 0;
  }

  deliver(event: HappenEvent): void {
    for (const node of this.listeners(event.type)) (node as NodeCore).receiveOwn(event);
  }

  on(pattern: string, handler: (event: SystemEvent) => unknown): () => void {
    return this.system.on(pattern, handler);
  }

  // --- time

  /** @returns what forgets it, without a word */
  delay(atMs: number, run: () => void, calledOff: (error: HappenError) => void): () => void {
    if (this.#state === 'closed') {
      calledOff(closed());
      return () => {};
    }
    const callOff = (error: HappenError): void => {
      forget();
      calledOff(error);
    };
    const timer = this.clock.setTimer(atMs - this.clock.now(), () => {
      this.#delayed.delete(callOff);
      run();
    });
    const forget = (): void => {
      timer.clear();
      this.#delayed.delete(callOff);
    };
    this.#delayed.add(callOff);
    return forget;
  }

  // --- the end

  checkOpen(flow: FlowRecord | undefined): void {
    if (this.#state === 'open') return;
    if (this.#state === 'closing' && flow !== undefined && !FlowRecord.isCompleted(flow)) return;
    throw closed();
  }

  close(timeoutMs = defaultCloseTimeoutMs): Promise<{ unfinished: Unfinished[] }> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  metrics(): SpaceMetrics {
    const { sent, broadcast, requests, failedRequests, handled, handlerFailures, notAccepted, unhandled, queueFull } =
      this.counts;
    const queues = Object.create(null) as Record<string, { running: number; waiting: number }>;
    for (const { core } of this.#nodes.values()) queues[core.id] = { running: core.running, waiting: core.waiting };
    return {
      talk: { sent, broadcast, requests, failedRequests },
      nodes: { handled, handlerFailures, notAccepted, unhandled, queueFull },
      link: this.remote === undefined ? undefined : { ...this.remote.counts },
      queues,
    };
  }

  async #close(timeoutMs: number): Promise<{ unfinished: Unfinished[] }> {
    this.#state = 'closing';
    const startedAt = this.clock.now();
    const cores = [...this.#nodes.values()].map(({ core }) => core);
    for (const core of cores) core.stopIntake();
    const reason = closed();
    for (const callOff of [...this.#delayed]) callOff(reason);
    this.#delayed.clear();
    const left = (await this.#untilIdle(cores, timeoutMs))
      ? []
      : cores.flatMap((core) => core.abort(reason).map((delivery) => unfinished(core, delivery)));
    this.#state = 'closed';
    for (const core of cores) core.shut();
    const endsAt = Math.max(startedAt + timeoutMs, this.clock.now() + leastStopMs);
    await this.#stopWithin(endsAt, 'transport', () => this.remote?.stop(reason));
    this.remote?.abandon(reason);
    this.deadlines.close();
    await this.#stopWithin(endsAt, 'store', () => this.#config.store?.close());
    return { unfinished: left };
  }

  /** A part that does not stop must not keep the space from closing. */
  async #stopWithin(endsAt: number, part: string, stop: () => Promise<void> | undefined): Promise<void> {
    const failed = (error: unknown): void => this.logger.error({ err: error, part }, 'a part could not be stopped');
    try {
      const stopping = stop();
      if (stopping === undefined) return;
      const stopped = await within(this.clock, Math.max(0, endsAt - this.clock.now()), stopping, failed);
      if (!stopped) this.logger.warn({ part }, 'a part did not stop in time');
    } catch (error) {
      failed(error);
    }
  }

  async #closeNode(core: NodeCore): Promise<void> {
    const entry = this.#nodes.get(core.id);
    if (entry?.core !== core) return;
    entry.closed ??= this.#retire(core);
    await entry.closed;
  }

  async #retire(core: NodeCore): Promise<void> {
    core.stopIntake();
    core.shut();
    if (!(await this.#untilNodeIdle(core, defaultCloseTimeoutMs))) core.abort(closed());
    this.remote?.detach(core.id);
    this.#nodes.delete(core.id);
    this.#byType.clear();
  }

  /** Waits until the nodes have nothing left to do and nothing is about to be dispatched; `false` when the time was over. */
  #untilIdle(cores: readonly NodeCore[], timeoutMs: number): Promise<boolean> {
    // The first node found busy is looked at until it is not; all are looked at again only then.
    let first = 0;
    const isIdle = (): boolean => {
      if (this.dispatcher.busy) return false;
      while (first < cores.length && !isBusy(cores[first] as NodeCore)) first++;
      if (first < cores.length) return false;
      first = cores.findIndex(isBusy);
      if (first < 0) return true;
      return false;
    };
    return this.#until(isIdle, this.#idleWatchers, timeoutMs);
  }

  /** Waits until one node has nothing left to do. */
  #untilNodeIdle(core: NodeCore, timeoutMs: number): Promise<boolean> {
    const watchers = new Set<() => void>();
    this.#nodeWatchers.set(core, watchers);
    return this.#until(() => !isBusy(core), watchers, timeoutMs).finally(() => this.#nodeWatchers.delete(core));
  }

  #until(isSo: () => boolean, watchers: Set<() => void>, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (so: boolean): void => {
        timer.clear();
        watchers.delete(look);
        resolve(so);
      };
      const look = (): void => {
        if (isSo()) finish(true);
      };
      const timer = this.clock.setTimer(timeoutMs, () => finish(false));
      watchers.add(look);
      look();
    });
  }

  /** A flow's last emissions are dispatched after it has ended, so a look is worth having after each round of dispatching. */
  #checkIdle(): void {
    if (this.#idleWatchers.size > 0) for (const look of [...this.#idleWatchers]) look();
  }
}

function isBusy({ running, waiting }: NodeCore): boolean {
  return running > 0 || waiting > 0;
}

function unfinished(core: NodeCore, delivery: Delivery): Unfinished {
  return { nodeId: core.id, type: delivery.event.type, eventId: delivery.event.context.causal.id };
}

function checkedIds(ids: () => string): () => string {
  return () => {
    const id: unknown = ids();
    if (typeof id === 'string' && id.length > 0 && id.length <= 512) return id;
    throw new HappenError('HAPPEN_INVALID_CONFIG', 'ids: the function has to return a string of 1 to 512 characters.', {
      details: { path: 'ids' },
    });
  };
}

function closed(): HappenError {
  return new HappenError('HAPPEN_CLOSED', 'The space is closed, or being closed: it takes nothing more.');
}
