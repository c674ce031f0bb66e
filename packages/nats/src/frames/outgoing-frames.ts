/**
 * Frames that leave over a connection.
 *
 * 1. Frames leave in the order in which they were published, those that had to wait included.
 * 2. While there is no connection frames wait in an outbox of our own: the client drops what it is given then.
 * 3. So much may be on its way to the server, and no more; what is beyond waits as well.
 */
import type { Address, Clock } from '@happen/core';
import type { Msg, NatsConnection } from '@nats-io/nats-core';
import { inTime } from '../connection/in-time.js';
import type { Subjects } from '../subjects/subjects.js';
import { addressesOf } from './broadcast-groups.js';
import { Confirmations } from './confirmations.js';
import { Awaiting } from './awaiting.js';
import type { DirectAddress, GroupAddress, NodeAddress } from './direct-address.js';
import { Outbox } from './outbox.js';
import { partsOf, type PartKind } from './parts.js';
import { Unanswered } from './unanswered.js';

/** So much may be on its way to the server before the next frame waits. */
const mostUnconfirmedBytes = 8 * 1024 * 1024;
/** How long after connecting others may still have to say who they are. */
const introductionMs = 1_000;
/** How long frames that have been taken may take to leave at the end. */
const leavingMs = 5_000;
const taken: Promise<void> = Promise.resolve();

/** What is taken for a server's limit until it has said its own. */
export const leastMaxPayload = 65_536;

/** Who lives where. */
export interface Places {
  /** Says at once what this instance has changed: it leaves before any frame published afterwards. */
  flush(): void;
  /** One instance that has attached the node. */
  placeOf(id: string): string | undefined;
  /** The instance that has attached the node, if it is alone. */
  onlyPlaceOf(id: string): string | undefined;
  /** Whether those who take what goes there may yet have to connect again. */
  isAwaited(to: DirectAddress): boolean;
  /** An instance for each group that listens to the type, with those groups. */
  listenersOf(type: string): Iterable<readonly [instance: string, groups: readonly string[]]>;
}

export interface OutgoingOptions {
  readonly connection: NatsConnection;
  readonly subjects: Subjects;
  readonly instance: string;
  readonly places: Places;
  readonly clock: Clock & Required<Pick<Clock, 'monotonic'>>;
  readonly outboxBytes: number;
  /** A frame to a node has gone to this instance, or after all to one that is not known. */
  taken(frame: Uint8Array, instance: string | undefined): void;
  /** Nobody takes a frame that was passed on, either. */
  unclaimed(to: NodeAddress, frame: Uint8Array): void;
  /** Nobody takes the frame. */
  undeliverable(to: Address, frame: Uint8Array): void;
}

export class OutgoingFrames {
  readonly #options: OutgoingOptions;
  readonly #connection: NatsConnection;
  readonly #outbox: Outbox;
  readonly #unanswered = new Unanswered();
  readonly #awaiting: Awaiting;
  readonly #confirmations: Confirmations;
  /** What is not this instance's own. */
  readonly #passedOn = new WeakSet<Uint8Array>();
  #up = false;
  #upSince = 0;
  #number = 0;
  #transfer = 0;
  #introducing = false;

  constructor(options: OutgoingOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#outbox = new Outbox(options.outboxBytes);
    this.#awaiting = new Awaiting(options.outboxBytes);
    this.#confirmations = new Confirmations(options.clock, {
      confirmed: (frames) => {
        this.#unanswered.forget(frames);
        this.resume();
      },
    });
  }

  /** Resolves once the client has it; rejects with `HAPPEN_DISCONNECTED` where it can neither leave nor wait. */
  publish(to: Address, frame: Uint8Array): Promise<void> {
    if (!this.#outbox.isEmpty || this.#needsParts(frame) || !this.#canSend(to, frame)) {
      const waits = this.#outbox.add(to, frame);
      this.resume();
      return waits;
    }
    try {
      this.#send(to, frame);
      return taken;
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** Gives another instance a frame that came for a node after that had been detached here. */
  passOn(nodeId: string, frame: Uint8Array): void {
    this.#passedOn.add(frame);
    const to: NodeAddress = { kind: 'node', id: nodeId };
    this.publish(to, frame).catch(() => this.#options.unclaimed(to, frame));
  }

  /** Gives another instance a broadcast that came for a group after that had been left here. */
  passOnBroadcast(to: GroupAddress, frame: Uint8Array): void {
    this.#outbox.add(to, frame).catch(() => {
      // As any broadcast that could not leave.
    });
    this.resume();
  }

  /** The connection is up from now on. */
  connected(): void {
    this.#up = true;
    this.#upSince = this.#options.clock.monotonic();
    this.#confirmations.connected(this.#connection);
  }

  disconnected(): void {
    this.#up = false;
    this.#confirmations.disconnected();
    this.#unanswered.clear();
    // Nobody can go on where half of it got lost: it begins anew.
    const first = this.#outbox.first();
    if (first !== undefined) first.parts = undefined;
  }

  /** Takes what the server says at the subjects for frames that nobody takes. */
  nobodyTakes({ subject, headers, data }: Msg): void {
    if (data.length > 0 || headers?.code !== 503) return;
    const sent = this.#unanswered.take(subject.slice(subject.lastIndexOf('.') + 1));
    if (sent === undefined) return;
    const { to, frame } = sent;
    if (to.kind === 'node' && to.shared === true) this.#options.undeliverable(to, frame);
    else if (to.kind === 'node' && to.instance !== undefined) this.#sendElsewhere(to, frame);
    else this.#isLost(to, frame);
  }

  /** The instance that was chosen does not take it any more, or not yet: whoever has the node does. */
  #sendElsewhere({ kind, id }: NodeAddress, frame: Uint8Array): void {
    const to: NodeAddress = { kind, id };
    this.#options.taken(frame, undefined);
    this.publish(to, frame).catch(() => this.#options.undeliverable(to, frame));
  }

  /** Lets what waits leave, for a few seconds at most. */
  async letAllLeave(): Promise<void> {
    const { clock } = this.#options;
    const begun = clock.monotonic();
    while (!this.#outbox.isEmpty && this.#up && clock.monotonic() - begun < leavingMs) {
      await inTime(this.#connection.flush(), leavingMs);
      this.#introducing = false;
      this.#upSince = Number.NEGATIVE_INFINITY;
      this.#confirmations.connected(this.#connection);
      this.resume();
    }
  }

  /** Somebody who was awaited has come or is gone: what was for him leaves again, or is lost. */
  awaitedNoMore(): void {
    for (const { to, frame } of this.#awaiting.takeAll()) {
      if (this.#options.places.isAwaited(to)) this.#awaiting.add(to, frame);
      else this.publish(to, frame).catch(() => this.#options.undeliverable(to, frame));
    }
  }

  /** Rejects what waits. */
  failAll(error: unknown): void {
    this.#awaiting.takeAll();
    this.#outbox.failAll(error);
  }

  #canSend(to: Address | GroupAddress, frame: Uint8Array): boolean {
    if (!this.#hasRoom()) return false;
    if (to.kind !== 'node' || !this.#needsParts(frame)) return true;
    const { clock, places } = this.#options;
    // Parts go to an instance by name, which may not have been introduced yet.
    return (
      to.instance !== undefined ||
      places.placeOf(to.id) !== undefined ||
      clock.monotonic() - this.#upSince >= introductionMs
    );
  }

  #hasRoom(): boolean {
    return this.#up && this.#confirmations.unconfirmedBytes <= mostUnconfirmedBytes;
  }

  #needsParts(frame: Uint8Array): boolean {
    return frame.byteLength > (this.#connection.info?.max_payload ?? Number.POSITIVE_INFINITY);
  }

  /** Lets leave what may. */
  resume(): void {
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
        if (waiting.parts === undefined && to.kind !== 'group' && !this.#needsParts(frame)) this.#send(to, frame);
        else {
          this.#options.places.flush();
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

  #isLost(to: Address, frame: Uint8Array): void {
    if (to.kind === 'node' && this.#passedOn.has(frame)) this.#options.unclaimed(to, frame);
    else if (to.kind !== 'broadcast' && this.#options.places.isAwaited(to) && this.#awaiting.add(to, frame)) return;
    else this.#options.undeliverable(to, frame);
  }

  #waitForIntroductions(): void {
    if (this.#introducing) return;
    this.#introducing = true;
    const again = (): void => {
      this.#introducing = false;
      this.resume();
    };
    this.#options.clock.setTimer(20, again, true);
  }

  #send(to: Address, frame: Uint8Array): void {
    const { places, subjects } = this.#options;
    places.flush();
    if (to.kind === 'broadcast') {
      this.#publish(subjects.broadcast(to.sender, to.type), frame);
      return;
    }
    if (to.kind === 'instance') {
      this.#publish(subjects.instance(to.id), frame, { to, frame });
      return;
    }
    if (to.instance !== undefined) {
      this.#publish(subjects.nodeAt(to.id, to.instance), frame, { to, frame });
      return;
    }
    this.#publish(subjects.node(to.id), frame, { to, frame });
    // Where there is one place alone, the server's choice is known.
    const place = places.onlyPlaceOf(to.id);
    if (place !== undefined) this.#options.taken(frame, place);
  }

  #publish(subject: string, data: Uint8Array, sent?: { readonly to: Address; readonly frame: Uint8Array }): void {
    const { instance, subjects } = this.#options;
    const number = ++this.#number;
    if (sent === undefined) this.#connection.publish(subject, data);
    else {
      const token = this.#unanswered.add(number, sent.to, sent.frame);
      this.#connection.publish(subject, data, { reply: subjects.unanswered(instance, token) });
    }
    this.#confirmations.published(data.byteLength);
  }

  /** Sends a part at each step. */
  *#sendingParts(to: Address | GroupAddress, frame: Uint8Array): Generator<undefined, void, undefined> {
    const { clock, places } = this.#options;
    if (to.kind === 'group') {
      // The one message that names both an instance and a group is a part, here mostly the only one.
      yield* this.#transferring(to.instance, 'broadcast', JSON.stringify([to.id]), frame, undefined);
      return;
    }
    if (to.kind === 'broadcast') {
      for (const [instance, groups] of places.listenersOf(to.type)) {
        for (const address of addressesOf(groups, this.#connection.info?.max_payload ?? leastMaxPayload)) {
          yield* this.#transferring(instance, 'broadcast', address, frame, undefined);
        }
      }
      return;
    }
    const instance = to.kind === 'node' ? (to.instance ?? places.placeOf(to.id)) : to.id;
    if (instance === undefined) {
      // Told in a later turn, as every transport does.
      clock.setTimer(0, () => this.#isLost(to, frame));
      return;
    }
    if (to.kind === 'node' && to.instance === undefined) this.#options.taken(frame, instance);
    const kind = to.kind === 'node' && to.shared === true ? 'shared' : to.kind;
    yield* this.#transferring(instance, kind, to.id, frame, to);
  }

  *#transferring(
    instance: string,
    kind: PartKind,
    address: string,
    frame: Uint8Array,
    to: Address | undefined,
  ): Generator<undefined, void, undefined> {
    const subject = this.#options.subjects.parts(instance, this.#options.instance);
    this.#transfer = (this.#transfer + 1) >>> 0;
    const longest = this.#connection.info?.max_payload ?? frame.byteLength;
    let first = true;
    for (const part of partsOf(kind, address, this.#transfer, frame, longest)) {
      // The server says once for each message that nobody takes it; of one frame, once is enough.
      this.#publish(subject, part, first && to !== undefined ? { to, frame } : undefined);
      first = false;
      yield;
    }
  }
}
