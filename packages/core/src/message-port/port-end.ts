import { HappenError } from '../errors/happen-error.js';
import type { Clock } from '../ports/clock.js';
import type {
  Address,
  Attachment,
  Listener,
  Receive,
  Transport,
  TransportCapabilities,
  TransportHost,
} from '../ports/transport.js';
import { AttachmentSet } from '../routing/attachment-set.js';
import { interestsOf, NameDirectory } from '../routing/directory.js';
import { Correspondence } from './correspondence.js';
import type { Exchange, Way } from './exchange.js';
import { KnownEverywhere } from './known-everywhere.js';
import { LastFrames } from './last-frames.js';
import type { Party } from './party-directory.js';
import { type DirectMessage, maxFrameBytes, moved, nothing, packed } from './port-messages.js';
import { closed, tooLarge } from './refusals.js';
import { LocalGroups, type LocalReceiver } from './local-receivers.js';

type DirectAddress = Exclude<Address, { kind: 'broadcast' }>;
type BroadcastAddress = Extract<Address, { kind: 'broadcast' }>;

const supports: TransportCapabilities = Object.freeze({
  ordered: true,
  loss: 'none',
  duplicates: 'none',
  unreachable: true,
  maxFrameBytes,
});

/** What an end needs from what it belongs to. */
export interface EndOwner {
  /** Resolves when frames can leave. */
  begin(end: PortEnd): Promise<void>;
  ended(end: PortEnd): void;
}

/** One space's end of an exchange. */
export class PortEnd implements Transport {
  readonly name = 'message-port';
  readonly supports = supports;
  readonly #exchange: Exchange;
  readonly #owner: EndOwner;
  readonly #attachments = new AttachmentSet();
  readonly #names = { node: new NameDirectory<LocalReceiver>(), instance: new NameDirectory<LocalReceiver>() };
  readonly #groups = new LocalGroups();
  readonly #correspondences = new Map<string, Correspondence>();
  readonly #known = new KnownEverywhere();
  #reconnections = 0;
  #host: TransportHost | undefined;
  #party: Party<Way> | undefined;
  #state: 'new' | 'starting' | 'started' | 'stopped' = 'new';
  #stopping: Promise<void> | undefined;
  /** Frames for somebody who may still come up. */
  readonly #waiting = new LastFrames();
  /** Why nothing can leave at the moment. */
  #disconnected: string | undefined;

  constructor(exchange: Exchange, owner: EndOwner) {
    this.#exchange = exchange;
    this.#owner = owner;
  }

  /** What the others know of this end, while it is started and not stopped. */
  get party(): Party<Way> | undefined {
    return this.#party;
  }

  /** Why nobody can be reached at the moment; `undefined` while somebody can. */
  get unreachable(): HappenError | undefined {
    if (this.#disconnected === undefined) return undefined;
    return new HappenError('HAPPEN_DISCONNECTED', `Nobody can be reached: ${this.#disconnected}.`);
  }

  get clock(): Clock {
    return (this.#host as TransportHost).clock;
  }

  async start(host: TransportHost): Promise<void> {
    if (this.#state === 'stopped') throw closed('It has been stopped; take another one.');
    if (this.#state !== 'new') throw closed('It has been started already; every space needs a transport of its own.');
    this.#state = 'starting';
    this.#host = host;
    await this.#owner.begin(this);
    if ((this.#state as string) === 'stopped') throw closed('It has been stopped.');
    this.#state = 'started';
  }

  async stop(): Promise<void> {
    if (this.#state === 'stopped') return this.#stopping;
    const wasThere = this.#state !== 'new';
    this.#state = 'stopped';
    this.#stopping = this.#stop(wasThere);
    return this.#stopping;
  }

  async #stop(wasThere: boolean): Promise<void> {
    this.#attachments.closeAll();
    await this.#letLeave();
    for (const { reject } of this.#exchange.giveUp(this)) reject(closed('It has been stopped.'));
    const party = this.#party;
    this.#party = undefined;
    if (party !== undefined) {
      this.#acknowledgeAll(party);
      this.#exchange.leave(this, party);
    }
    this.#owner.ended(this);
    this.#known.end();
    this.#correspondences.clear();
    if (wasThere) this.#host?.status('closed');
  }

  attach(address: DirectAddress, receive: Receive): Attachment {
    const party = this.#requireStarted();
    const { kind, id } = address;
    const names = this.#names[kind];
    const receiver: LocalReceiver = { receive, isOpen: true };
    const isFirst = names.find(id) === undefined;
    names.add(id, receiver);
    if (isFirst) this.#exchange.attach(party, { kind, id });
    return this.#attachments.add(() => {
      receiver.isOpen = false;
      names.remove(id, receiver);
      if (names.find(id) === undefined) this.#exchange.detach(party, { kind, id });
    });
  }

  listen(group: string, patterns: readonly string[], receive: Receive): Listener {
    const party = this.#requireStarted();
    const receiver = { receive, isOpen: true, patterns, interests: interestsOf(patterns) };
    this.#groups.add(group, receiver);
    this.#exchange.listen(party, group, this.#groups.patterns(group));
    const { close } = this.#attachments.add(() => {
      receiver.isOpen = false;
      this.#groups.remove(group, receiver);
      if (this.#groups.has(group)) this.#exchange.listen(party, group, this.#groups.patterns(group));
      else this.#exchange.unlisten(party, group);
    });
    const update = async (wanted: readonly string[]): Promise<void> => {
      if (!receiver.isOpen) throw closed('The listener has been closed.');
      receiver.interests = interestsOf(wanted);
      receiver.patterns = wanted;
      this.#exchange.listen(party, group, this.#groups.patterns(group));
      await this.#knownEverywhere(party);
    };
    return { close, update };
  }

  publish(to: Address, frame: Uint8Array): Promise<void> {
    const party = this.#party;
    if (party === undefined || this.#state !== 'started') return Promise.reject(this.#notStarted());
    if (frame.byteLength > maxFrameBytes) return Promise.reject(tooLarge(frame));
    if (this.#disconnected !== undefined && !this.#exchange.someAreExpected) return Promise.reject(this.unreachable);
    if (to.kind === 'broadcast') {
      this.#exchange.broadcast(this, party, to, frame);
      return accepted;
    }
    const receiver = this.#exchange.find(to, party);
    if (receiver !== undefined) this.#send(party, receiver, to, frame, frame);
    else {
      const waiting = this.#exchange.wait(this, to, frame);
      if (waiting !== undefined) return this.#waiting.keep(waiting);
      this.#tellUndeliverable(to, frame);
    }
    return accepted;
  }

  /** Finds a receiver for a frame that was kept, or came back. */
  dispatch(to: DirectAddress, bytes: Uint8Array<ArrayBuffer>, given: Uint8Array): void {
    const party = this.#party;
    if (party === undefined) return;
    const receiver = this.#exchange.find(to, party);
    if (receiver === undefined) this.#tellUndeliverable(to, given);
    else this.#send(party, receiver, to, bytes, given);
  }

  // --- what is told of others

  connected(): void {
    if (this.#host === undefined || this.#state === 'stopped') return;
    if (this.#party === undefined) {
      this.#party = this.#exchange.join(this, this.#host);
      this.#host.status('connected');
    } else if (this.#disconnected !== undefined) {
      this.#disconnected = undefined;
      void this.#tellReconnected(this.#host, this.#party);
    }
  }

  /** Only when the others know again what this end takes. */
  async #tellReconnected(host: TransportHost, party: Party<Way>): Promise<void> {
    const connection = ++this.#reconnections;
    await this.#knownEverywhere(party);
    if (this.#state === 'started' && this.#disconnected === undefined && connection === this.#reconnections)
      host.status('reconnected');
  }

  disconnected(reason: string): void {
    if (this.#party === undefined) return;
    const isNews = this.#disconnected === undefined;
    this.#disconnected = reason;
    if (isNews) this.#host?.status('disconnected', reason);
  }

  /**
   * A party is no more. What it has taken and not answered, it never will; what it has not taken had nobody to go to, which is
   * certain only where it left in order, and else is told only of what it was not asked to answer.
   */
  gone({ id }: Party<Way>, orderly: boolean): void {
    const untaken = this.#correspondences.get(id)?.untaken() ?? [];
    this.#correspondences.delete(id);
    this.#known.gone(id);
    const host = this.#host;
    if (host === undefined) return;
    const tellGone = (): void => this.#later(host, () => host.gone?.(id));
    if (!orderly) tellGone();
    for (const { to, given } of untaken) this.#tellUndeliverable(to, given);
    if (orderly) tellGone();
  }

  warn(details: object, message: string): void {
    this.#host?.logger.warn(details, message);
  }

  // --- the way in

  /** Takes what another party sent to this one; gives back whether it made sense. */
  take(from: Party<Way>, message: DirectMessage): boolean {
    const party = this.#party;
    if (party === undefined) return true;
    switch (message[0]) {
      case 'happen.frame': {
        const [, , , number, acknowledged, kind, id, bytes] = message;
        const correspondence = this.#with(from.id);
        correspondence.release(acknowledged);
        const { byteLength } = bytes;
        if (!this.#takeFrame({ kind, id }, bytes)) {
          this.#exchange.send(from, ['happen.returned', party.id, from.id, number, bytes], moved(bytes).transfer);
        }
        if (correspondence.took(number, byteLength)) {
          const upTo = correspondence.acknowledgement();
          this.#exchange.send(from, ['happen.acknowledge', party.id, from.id, upTo], nothing);
        }
        return true;
      }
      case 'happen.acknowledge':
        this.#with(from.id).release(message[3]);
        return true;
      case 'happen.returned': {
        const retained = this.#with(from.id).takeBack(message[3]);
        if (retained === undefined) return false;
        const { kind, id } = retained.to;
        if (from.names[kind].has(id)) {
          // It says that it takes such frames, and does not: there would be no end of sending them.
          this.#tellUndeliverable(retained.to, retained.given);
          return false;
        }
        this.#exchange.counts.returned++;
        this.dispatch(retained.to, message[4], retained.given);
        return true;
      }
      case 'happen.returned-broadcast': {
        const [, , , type, sender, group, bytes] = message;
        this.#exchange.broadcastAgain(this, party, { kind: 'broadcast', type, sender }, group, bytes);
        return true;
      }
      case 'happen.sync':
        this.#exchange.send(from, ['happen.synced', party.id, from.id, message[3]], nothing);
        return true;
      case 'happen.synced':
        this.#known.answered(message[3], from.id);
        return true;
    }
  }

  /** Hands a broadcast to this end's receiver of a group; gives back whether the group is still here. */
  takeBroadcast(to: BroadcastAddress, group: string, bytes: Uint8Array): boolean {
    if (!this.#groups.has(group)) return false;
    const receiver = this.#groups.find(group, to.type);
    if (receiver !== undefined) this.#hand(receiver, bytes);
    return true;
  }

  returnBroadcast(from: Party<Way>, to: BroadcastAddress, group: string, bytes: Uint8Array): void {
    const party = this.#party;
    if (party === undefined) return;
    const { bytes: back, transfer } = packed(bytes);
    const message = ['happen.returned-broadcast', party.id, from.id, to.type, to.sender, group, back] as const;
    this.#exchange.send(from, message, transfer);
  }

  #takeFrame(to: DirectAddress, bytes: Uint8Array): boolean {
    const members = this.#names[to.kind].find(to.id);
    if (members === undefined) return false;
    const receiver = members.list[members.turn++ % members.list.length] as LocalReceiver;
    this.#hand(receiver, bytes);
    return true;
  }

  /** One receiver that throws, against its contract, must not keep the frames of the others. */
  #hand({ receive }: LocalReceiver, bytes: Uint8Array): void {
    const host = this.#host;
    if (host !== undefined) guard(host, () => receive(bytes));
  }

  // --- the way out

  #send(party: Party<Way>, receiver: Party<Way>, to: DirectAddress, frame: Uint8Array, given: Uint8Array): void {
    const { way } = receiver;
    if (way instanceof PortEnd) {
      const copy = new Uint8Array(frame);
      this.#exchange.later(this.clock, () => {
        if (!way.#takeFrame(to, copy)) this.dispatch(to, copy, given);
      });
    } else {
      const correspondence = this.#with(receiver.id);
      const number = correspondence.send({ to, given });
      const { bytes, transfer } = packed(frame);
      this.#exchange.send(
        receiver,
        ['happen.frame', party.id, receiver.id, number, correspondence.acknowledgement(), to.kind, to.id, bytes],
        transfer,
      );
    }
    if (to.kind === 'node') this.#host?.taken?.(given, receiver.id);
  }

  #tellUndeliverable(to: DirectAddress, given: Uint8Array): void {
    const host = this.#host;
    if (host !== undefined) this.#later(host, () => host.undeliverable(to, given));
  }

  /** Calls the host in a later turn, unless the transport has stopped by then: it tells nothing more. */
  #later(host: TransportHost, call: () => void): void {
    this.#exchange.later(host.clock, () => {
      if (this.#state === 'started') guard(host, call);
    });
  }

  /** What waits for somebody who is coming up just now still leaves. */
  async #letLeave(): Promise<void> {
    const host = this.#host;
    if (this.#waiting.isEmpty || host === undefined || !this.#exchange.someAreComingUp()) return;
    await this.#waiting.left(host.clock);
  }

  #acknowledgeAll(party: Party<Way>): void {
    for (const other of this.#exchange.elsewhere()) {
      const correspondence = this.#correspondences.get(other.id);
      if (correspondence === undefined) continue;
      const upTo = correspondence.acknowledgement();
      this.#exchange.send(other, ['happen.acknowledge', party.id, other.id, upTo], nothing);
    }
  }

  #with(partyId: string): Correspondence {
    let found = this.#correspondences.get(partyId);
    if (found === undefined) this.#correspondences.set(partyId, (found = new Correspondence()));
    return found;
  }

  /** Resolves when all that this end has told is known to every party there is, but for those that end meanwhile. */
  #knownEverywhere(party: Party<Way>): Promise<void> {
    const others = this.#exchange.elsewhere();
    return this.#known.ask(others, (other, number) => {
      this.#exchange.send(other, ['happen.sync', party.id, other.id, number], nothing);
    });
  }

  #requireStarted(): Party<Way> {
    const party = this.#party;
    if (party === undefined || this.#state !== 'started') throw this.#notStarted();
    return party;
  }

  #notStarted(): HappenError {
    return closed(this.#state === 'stopped' ? 'It has been stopped.' : 'It has not been started.');
  }
}

const accepted: Promise<void> = Promise.resolve();

function guard(host: TransportHost, call: () => void): void {
  try {
    call();
  } catch (error) {
    host.logger.error({ error }, 'a receiver of the message port transport threw');
  }
}
