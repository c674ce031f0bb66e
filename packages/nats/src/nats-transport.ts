/**
 * A space's end of a NATS connection.
 *
 * 1. Frames leave in the order in which they were published, those that had to wait included.
 * 2. While there is no connection frames wait in an outbox of our own: the client drops what it is given then.
 * 3. What was attached or listened to is subscribed to at every connection: the client does so after each reconnect.
 */
import {
  type Address,
  type Attachment,
  HappenError,
  type Listener,
  type NodeDescription,
  type Receive,
  type Transport,
  type TransportCapabilities,
  type TransportHost,
} from '@happen/core';
import type { Msg, NatsConnection, Status, Subscription } from '@nats-io/nats-core';
import { Dialling, type Dial } from './connection/dialling.js';
import { closed, disconnected } from './connection/failures.js';
import { decodeAnnouncement, encodeAnnouncement } from './directory/announcement.js';
import type { Directory } from './directory/directory.js';
import { Presence } from './directory/presence.js';
import { Confirmations } from './frames/confirmations.js';
import { GroupListener } from './frames/group-listener.js';
import { Outbox } from './frames/outbox.js';
import { partsOf, type PartKind, readPart } from './frames/parts.js';
import { Reassembly } from './frames/reassembly.js';
import { Unanswered } from './frames/unanswered.js';
import { letGo } from './connection/let-go.js';
import type { Settings } from './options.js';
import { realClock } from './runtime/real-clock.js';
import { Subjects } from './subjects/subjects.js';

/** So much may be on its way to the server before the next frame waits. */
const mostUnconfirmedBytes = 8 * 1024 * 1024;
/** How long after connecting others may still have to say who they are. */
const introductionMs = 1_000;
/** How long the client may take to let go of a connection that does not answer. */
const lettingGoMs = 250;
/** How long `stop` waits for what has been taken. */
const leavingMs = 5_000;

/** What is taken for a server's limit until it has said its own. */
const leastMaxPayload = 65_536;
const nothing = new Uint8Array();

/** How a transport gets its connection. */
export interface ConnectionSource {
  readonly dial: Dial;
  /** Whether the connection is ours to close. */
  readonly isOurs: boolean;
  /** Names the servers in messages. */
  readonly where: string;
}

type DirectAddress = Exclude<Address, { kind: 'broadcast' }>;

export class NatsTransport implements Transport {
  readonly name = 'nats';
  readonly supports: TransportCapabilities;
  readonly #settings: Settings;
  readonly #source: ConnectionSource;
  readonly #subjects: Subjects;
  readonly #outbox: Outbox;
  readonly #unanswered = new Unanswered();
  readonly #attachments = new Set<Attachment>();
  readonly #direct = new Map<string, Receive>();
  readonly #groups = new Map<string, Receive>();
  readonly #own: Subscription[] = [];
  #dialling: Dialling | undefined;
  #host: TransportHost | undefined;
  #connection: NatsConnection | undefined;
  #presence: Presence | undefined;
  #reassembly: Reassembly | undefined;
  #confirmations: Confirmations | undefined;
  #up = false;
  #state: 'new' | 'starting' | 'started' | 'stopped' = 'new';
  #stopping: Promise<void> | undefined;
  #endFollowing: () => void = () => {};
  #number = 0;
  #transfer = 0;
  #upSince = 0;
  #introducing = false;

  constructor(settings: Settings, source: ConnectionSource) {
    this.#settings = settings;
    this.#source = source;
    this.#subjects = new Subjects(settings.space);
    this.#outbox = new Outbox(settings.outboxBytes);
    this.supports = Object.freeze({
      ordered: true,
      loss: 'possible',
      duplicates: 'possible',
      unreachable: true,
      maxFrameBytes: settings.maxFrameBytes,
    });
  }

  /** Who lives where. Empty before `start`. */
  get directory(): Directory {
    return this.#presence ?? { nodes: () => [], watch: () => () => {} };
  }

  async start(host: TransportHost): Promise<void> {
    if (this.#state === 'stopped') throw closed('It has been stopped; make another one.');
    if (this.#state !== 'new') throw closed('It has been started already; every space needs a transport of its own.');
    this.#state = 'starting';
    this.#host = host;
    const { dial, where } = this.#source;
    this.#dialling = new Dialling(dial, this.#settings, where, async (connection) => {
      if (this.#source.isOurs) await connection.close();
    });
    const connection = await this.#dialling.connect(realClock, host.logger);
    if (this.#isStopped()) {
      if (this.#source.isOurs) await connection.close();
      throw closed('It has been stopped.');
    }
    await this.#begin(host, connection);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  attach(address: DirectAddress, receive: Receive, node?: NodeDescription): Attachment {
    const connection = this.#requireStarted();
    const { kind, id } = address;
    const key = `${kind} ${id}`;
    const isNode = kind === 'node';
    const subject = isNode ? this.#subjects.node(id) : this.#subjects.instance(id);
    const attachment = this.#attachment(() => {
      subscription.unsubscribe();
      if (this.#direct.get(key) === take) this.#direct.delete(key);
      if (isNode) this.#presence?.remove(id);
    });
    const take: Receive = (frame) => {
      if (this.#attachments.has(attachment)) receive(frame);
    };
    const subscription = connection.subscribe(subject, {
      ...(isNode ? { queue: 'node' } : {}),
      callback: (error, message) => this.#arrived(error, message, take),
    });
    this.#direct.set(key, take);
    if (isNode) this.#presence?.add(id, node);
    return attachment;
  }

  listen(group: string, patterns: readonly string[], receive: Receive): Listener {
    const connection = this.#requireStarted();
    const queue = this.#subjects.queue(group);
    const take: Receive = (frame) => {
      if (this.#attachments.has(attachment)) receive(frame);
    };
    const listener = new GroupListener(
      patterns,
      (filter) => {
        const callback = (error: Error | null, message: Msg): void => this.#arrived(error, message, take);
        const subscription = connection.subscribe(this.#subjects.broadcasts(filter), { queue, callback });
        return () => subscription.unsubscribe();
      },
      () => this.settled(),
    );
    const attachment = this.#attachment(() => {
      listener.close();
      if (this.#groups.get(group) === take) this.#groups.delete(group);
      this.#presence?.listens(group, []);
    });
    this.#groups.set(group, take);
    this.#presence?.listens(group, patterns);
    return {
      close: () => attachment.close(),
      update: async (wanted) => {
        if (!this.#attachments.has(attachment)) throw closed('The listener has been closed.');
        this.#presence?.listens(group, wanted);
        await listener.update(wanted);
      },
    };
  }

  publish(to: Address, frame: Uint8Array): Promise<void> {
    if (this.#state !== 'started') return Promise.reject(this.#notStarted());
    const { maxFrameBytes } = this.supports;
    if (frame.byteLength > maxFrameBytes) {
      return Promise.reject(
        new HappenError(
          'HAPPEN_PAYLOAD_TOO_LARGE',
          `A frame of ${frame.byteLength} bytes is longer than the ${maxFrameBytes} that the NATS transport takes (maxFrameBytes).`,
          { details: { bytes: frame.byteLength, limit: maxFrameBytes } },
        ),
      );
    }
    if (!this.#up && this.#connection === undefined) {
      return Promise.reject(disconnected('The NATS connection is closed for good.'));
    }
    if (!this.#outbox.isEmpty || this.#needsParts(frame) || !this.#canSend(to, frame)) {
      const waits = this.#outbox.add(to, frame);
      this.#pump();
      return waits;
    }
    try {
      this.#send(to, frame);
      return taken;
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  settled(): Promise<void> {
    if (!this.#up) return Promise.resolve();
    return (this.#connection as NatsConnection).flush().catch(() => {
      // The client subscribes anew once it has reconnected.
    });
  }

  // --- the connection

  async #begin(host: TransportHost, connection: NatsConnection): Promise<void> {
    this.#connection = connection;
    const { instance, logger } = host;
    const clock = realClock;
    const subjects = this.#subjects;
    this.#reassembly = new Reassembly(clock, this.#settings.maxFrameBytes);
    this.#confirmations = new Confirmations(clock, {
      confirmed: (frames) => {
        this.#unanswered.forget(frames);
        this.#pump();
      },
    });
    this.#presence = new Presence({
      instance,
      clock,
      logger,
      announce: (announcement) => {
        if (this.#up) this.#say(connection, subjects.presence(instance), encodeAnnouncement(announcement));
      },
      longest: () => connection.info?.max_payload ?? leastMaxPayload,
      ask: (whom) => {
        if (this.#up) this.#say(connection, subjects.rollCall(whom), nothing);
      },
      gone: (other) => void this.#tellGone(host, connection, other),
      conflict: (nodeId, other) => host.conflict?.(nodeId, other),
    });
    const presence = this.#presence;
    const subscribe = (subject: string, take: (message: Msg) => void): void => {
      this.#own.push(
        connection.subscribe(subject, {
          callback: (error, message) => {
            if (error !== null) this.#refused(error);
            else if (!this.#isStopped()) take(message);
          },
        }),
      );
    };
    subscribe(subjects.unanswered(instance, '*'), (message) => this.#nobodyTakes(message));
    subscribe(subjects.parts(instance, '*'), (message) => this.#takePart(message));
    subscribe(subjects.presence('*'), (message) => {
      const announcement = decodeAnnouncement(message.data);
      const from = subjects.instanceOf(message.subject);
      if (announcement !== undefined && from !== undefined) presence.take(from, announcement);
    });
    for (const whom of [instance, undefined]) subscribe(subjects.rollCall(whom), () => presence.asked());

    try {
      if (!this.#source.isOurs) await checkEcho(connection, subjects.unanswered(instance, 0));
      await connection.flush();
      if (this.#isStopped()) throw closed('It has been stopped.');
    } catch (error) {
      for (const subscription of this.#own) subscription.unsubscribe();
      throw error;
    }
    this.#state = 'started';
    this.#comeUp(connection);
    host.status('connected');
    void this.#follow(host, connection);
  }

  async #follow(host: TransportHost, connection: NatsConnection): Promise<void> {
    void connection.closed().then((error) => this.#lostForGood(host, error || undefined));
    let told: 'up' | 'down' | 'trying' = 'up';
    let isHeld = false;
    const letGoIfHeld = (): void => {
      if (isHeld) letGo(connection);
    };
    const statuses = connection.status();
    // Otherwise it would wait for the next one for as long as a connection lives that is not ours.
    this.#endFollowing = () => (statuses as { stop?: () => void }).stop?.();
    for await (const status of statuses) {
      if (this.#isStopped()) return;
      switch (status.type) {
        case 'disconnect':
        case 'staleConnection':
          isHeld = status.type === 'staleConnection';
          if (isHeld) realClock.setTimer(lettingGoMs, letGoIfHeld, true);
          if (told !== 'up') break;
          told = 'down';
          this.#goDown();
          host.status('disconnected', reasonOf(status));
          break;
        case 'reconnecting':
          if (told !== 'down') break;
          told = 'trying';
          host.status('reconnecting');
          break;
        case 'reconnect':
          told = 'up';
          this.#comeUp(connection);
          host.status('reconnected');
          break;
        case 'error':
          this.#refused(status.error);
          break;
        case 'slowConsumer':
          host.logger.warn({ subject: status.sub.getSubject() }, 'NATS messages pile up faster than they are taken');
          break;
        default:
          break;
      }
    }
  }

  /** What the server has to say of frames that nobody took any more comes first: it says more than that somebody has gone. */
  async #tellGone(host: TransportHost, connection: NatsConnection, instance: string): Promise<void> {
    await connection.flush().catch(() => {
      // Then it will say nothing.
    });
    if (!this.#isStopped()) host.gone?.(instance);
  }

  #comeUp(connection: NatsConnection): void {
    this.#up = true;
    this.#upSince = this.#now();
    this.#confirmations?.connected(connection);
    this.#presence?.connected();
    this.#pump();
  }

  #goDown(): void {
    this.#up = false;
    this.#confirmations?.disconnected();
    this.#presence?.disconnected();
    this.#unanswered.clear();
    this.#reassembly?.clear();
    // Nobody can go on where half of it got lost: it begins anew.
    const first = this.#outbox.first();
    if (first !== undefined) first.parts = undefined;
  }

  #lostForGood(host: TransportHost, error: Error | undefined): void {
    if (this.#isStopped()) return;
    this.#goDown();
    this.#connection = undefined;
    this.#outbox.failAll(disconnected('The NATS connection is closed for good.', error));
    host.logger.error({ err: error }, 'the NATS connection is closed for good');
    host.status('closed', error?.message ?? 'the connection was closed');
  }

  #refused(error: Error): void {
    if (!this.#isStopped()) this.#host?.logger.error({ err: error }, `NATS: ${error.message}`);
  }

  async #stop(): Promise<void> {
    const host = this.#host;
    const before = this.#state;
    this.#state = 'stopped';
    this.#dialling?.stop();
    for (const attachment of [...this.#attachments]) attachment.close();
    const connection = this.#connection;
    if (before !== 'started' || connection === undefined || host === undefined) {
      this.#outbox.failAll(closed('It has been stopped.'));
      if (before === 'starting' && connection !== undefined && this.#source.isOurs) await connection.close();
      if (before !== 'new') host?.status('closed');
      return;
    }
    if (this.#up) await this.#letAllLeave(connection);
    this.#outbox.failAll(disconnected('The transport was stopped while this frame waited for the NATS connection.'));
    this.#presence?.leave();
    this.#confirmations?.disconnected();
    this.#unanswered.clear();
    this.#reassembly?.clear();
    for (const subscription of this.#own) subscription.unsubscribe();
    this.#endFollowing();
    if (this.#up) await inTime(connection.flush(), leavingMs);
    this.#up = false;
    this.#connection = undefined;
    if (this.#source.isOurs) await close(connection);
    host.status('closed');
  }

  async #letAllLeave(connection: NatsConnection): Promise<void> {
    const begun = this.#now();
    while (!this.#outbox.isEmpty && this.#up && this.#now() - begun < leavingMs) {
      await inTime(connection.flush(), leavingMs);
      this.#introducing = false;
      this.#upSince = Number.NEGATIVE_INFINITY;
      this.#confirmations?.connected(connection);
      this.#pump();
    }
  }

  /** What is said besides frames must never be what ends a process. */
  #say(connection: NatsConnection, subject: string, data: Uint8Array): void {
    try {
      connection.publish(subject, data);
    } catch (err) {
      this.#host?.logger.warn({ err, subject }, 'an announcement could not be made');
    }
  }

  // --- frames that leave

  #canSend(to: Address, frame: Uint8Array): boolean {
    if (!this.#hasRoom()) return false;
    if (to.kind !== 'node' || !this.#needsParts(frame)) return true;
    // Parts go to an instance by name, which may not have been introduced yet.
    return this.#presence?.placeOf(to.id) !== undefined || this.#now() - this.#upSince >= introductionMs;
  }

  #hasRoom(): boolean {
    return this.#up && (this.#confirmations?.unconfirmedBytes ?? 0) <= mostUnconfirmedBytes;
  }

  #pump(): void {
    for (;;) {
      const waiting = this.#outbox.first();
      if (waiting === undefined) return;
      const { to, frame, left, failed } = waiting;
      // Whom its parts go to is settled once, when the first of them leaves.
      if (waiting.parts === undefined ? !this.#canSend(to, frame) : !this.#hasRoom()) {
        if (this.#up && this.#needsParts(frame)) this.#waitForIntroductions();
        return;
      }
      try {
        if (waiting.parts === undefined && !this.#needsParts(frame)) this.#send(to, frame);
        else {
          this.#presence?.flush();
          waiting.parts ??= this.#sendingParts(to, frame);
          // The next part leaves when the server has taken enough of those before.
          if (waiting.parts.next().done !== true) continue;
        }
        this.#outbox.removeFirst();
        left();
      } catch (error) {
        this.#outbox.removeFirst();
        failed(error);
      }
    }
  }

  #waitForIntroductions(): void {
    if (this.#introducing) return;
    this.#introducing = true;
    const again = (): void => {
      this.#introducing = false;
      this.#pump();
    };
    realClock.setTimer(20, again, true);
  }

  #needsParts(frame: Uint8Array): boolean {
    return frame.byteLength > (this.#connection?.info?.max_payload ?? Number.POSITIVE_INFINITY);
  }

  #send(to: Address, frame: Uint8Array): void {
    const connection = this.#connection as NatsConnection;
    this.#presence?.flush();
    if (to.kind === 'broadcast') {
      this.#publishTo(connection, this.#subjects.broadcast(to.sender, to.type), frame);
      return;
    }
    if (to.kind === 'instance') {
      this.#publishTo(connection, this.#subjects.instance(to.id), frame, { to, frame });
      return;
    }
    this.#publishTo(connection, this.#subjects.node(to.id), frame, { to, frame });
    // Where there is one place alone, the server's choice is known.
    const place = this.#presence?.onlyPlaceOf(to.id);
    if (place !== undefined) this.#host?.taken?.(frame, place);
  }

  #publishTo(
    connection: NatsConnection,
    subject: string,
    data: Uint8Array,
    sent?: { readonly to: Address; readonly frame: Uint8Array },
  ): void {
    const number = ++this.#number;
    if (sent === undefined) connection.publish(subject, data);
    else {
      this.#unanswered.add(number, sent.to, sent.frame);
      connection.publish(subject, data, { reply: this.#subjects.unanswered(this.#instance, number) });
    }
    this.#confirmations?.published(data.byteLength);
  }

  /** Sends a part at each step. */
  *#sendingParts(to: Address, frame: Uint8Array): Generator<undefined, void, undefined> {
    if (to.kind === 'broadcast') {
      for (const [instance, groups] of this.#presence?.listenersOf(to.type) ?? []) {
        for (const address of addressesOf(groups, this.#connection?.info?.max_payload ?? leastMaxPayload)) {
          yield* this.#transferring(instance, 'broadcast', address, frame, undefined);
        }
      }
      return;
    }
    const instance = to.kind === 'node' ? this.#presence?.placeOf(to.id) : to.id;
    if (instance === undefined) {
      // Told in a later turn, as every transport does.
      realClock.setTimer(0, () => this.#tellUndeliverable(to, frame));
      return;
    }
    if (to.kind === 'node') this.#host?.taken?.(frame, instance);
    yield* this.#transferring(instance, to.kind, to.id, frame, to);
  }

  *#transferring(
    instance: string,
    kind: PartKind,
    address: string,
    frame: Uint8Array,
    to: Address | undefined,
  ): Generator<undefined, void, undefined> {
    const connection = this.#connection as NatsConnection;
    const subject = this.#subjects.parts(instance, this.#instance);
    this.#transfer = (this.#transfer + 1) >>> 0;
    const longest = connection.info?.max_payload ?? frame.byteLength;
    let first = true;
    for (const part of partsOf(kind, address, this.#transfer, frame, longest)) {
      // The server says once for each message that nobody takes it; of one frame, once is enough.
      this.#publishTo(connection, subject, part, first && to !== undefined ? { to, frame } : undefined);
      first = false;
      yield;
    }
  }

  // --- what arrives

  #arrived(error: Error | null, message: Msg, take: Receive): void {
    if (error !== null) {
      this.#refused(error);
      return;
    }
    if (this.#isStopped()) return;
    // A copy: what the client hands over is a view of all that the socket read.
    take(new Uint8Array(message.data));
  }

  #nobodyTakes({ subject, headers, data }: Msg): void {
    if (data.length > 0 || headers?.code !== 503) return;
    const sent = this.#unanswered.take(Number(subject.slice(subject.lastIndexOf('.') + 1)));
    if (sent !== undefined) this.#tellUndeliverable(sent.to, sent.frame);
  }

  #tellUndeliverable(to: Address, frame: Uint8Array): void {
    if (!this.#isStopped()) this.#host?.undeliverable(to, frame);
  }

  #takePart({ subject, data }: Msg): void {
    const part = readPart(data);
    const sender = this.#subjects.instanceOf(subject);
    if (part === undefined || sender === undefined) return;
    const whole = this.#reassembly?.take(sender, part);
    if (whole === undefined) return;
    const { kind, address } = whole.part;
    if (kind !== 'broadcast') {
      this.#direct.get(`${kind} ${address}`)?.(whole.frame);
      return;
    }
    // Each once, whatever a stranger writes.
    const groups = new Set(groupsOf(address).filter((group) => this.#groups.has(group)));
    for (const group of groups) {
      groups.delete(group);
      // Two receivers never share memory.
      this.#groups.get(group)?.(groups.size === 0 ? whole.frame : new Uint8Array(whole.frame));
    }
  }

  // ---

  get #instance(): string {
    return this.#host?.instance ?? '';
  }

  #attachment(end: () => void): Attachment {
    const attachment: Attachment = {
      close: () => {
        if (this.#attachments.delete(attachment)) end();
      },
    };
    this.#attachments.add(attachment);
    return attachment;
  }

  #requireStarted(): NatsConnection {
    if (this.#state !== 'started') throw this.#notStarted();
    if (this.#connection === undefined) throw disconnected('The NATS connection is closed for good.');
    return this.#connection;
  }

  #notStarted(): HappenError {
    return closed(this.#isStopped() ? 'It has been stopped.' : 'It has not been started.');
  }

  /** Read anew after every wait: others may have changed it. */
  #isStopped(): boolean {
    return this.#state === 'stopped';
  }

  #now(): number {
    return realClock.monotonic();
  }
}

const taken: Promise<void> = Promise.resolve();

function reasonOf(status: Status): string | undefined {
  return status.type === 'staleConnection' ? 'the server does not answer' : undefined;
}

/** Groups as the addresses of as few transfers as leave room for the frame beside them. */
function addressesOf(groups: readonly string[], maxPayload: number): readonly string[] {
  const most = Math.min(maxPayload / 4, 32_768);
  const addresses: string[] = [];
  let together: string[] = [];
  let bytes = 2;
  for (const group of groups) {
    // A character is six bytes at most, as JSON in UTF-8.
    const own = group.length * 6 + 3;
    if (together.length > 0 && bytes + own > most) {
      addresses.push(JSON.stringify(together));
      together = [];
      bytes = 2;
    }
    together.push(group);
    bytes += own;
  }
  return [...addresses, JSON.stringify(together)];
}

/** The groups that a transfer names; none if it is not for us to read. */
function groupsOf(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter((group) => typeof group === 'string') : [];
  } catch {
    return [];
  }
}

/** @throws HappenError `HAPPEN_INVALID_CONFIG` for a connection on which one hears oneself */
async function checkEcho(connection: NatsConnection, subject: string): Promise<void> {
  let heard = false;
  const subscription = connection.subscribe(subject, { callback: () => void (heard = true) });
  connection.publish(subject);
  await connection.flush();
  subscription.unsubscribe();
  if (!heard) return;
  throw new HappenError(
    'HAPPEN_INVALID_CONFIG',
    'connection: expected one made with noEcho: true; found one that hears itself.',
    {
      details: { path: 'connection' },
    },
  );
}

/** Closes a connection, also one of which nothing leaves any more. */
async function close(connection: NatsConnection): Promise<void> {
  const closing = connection.close();
  const timer = realClock.setTimer(lettingGoMs, () => letGo(connection));
  await inTime(closing, leavingMs);
  timer.clear();
}

async function inTime(promise: Promise<unknown>, ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = realClock.setTimer(ms, resolve, true);
    const done = (): void => {
      timer.clear();
      resolve();
    };
    promise.then(done, done);
  });
}
