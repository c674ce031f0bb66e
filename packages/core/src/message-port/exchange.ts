/**
 * Where ports and the spaces of this thread meet. It knows every party behind every port, and whom each can be reached through.
 *
 * 1. What a party takes is told to all, so that whoever publishes finds the receiver himself, and knows at once if there is
 *    none. What lies between two parties only passes on.
 * 2. The ports make a tree: a party that is known already is not let in through another port.
 * 3. A port speaks for the parties behind it, and for no others.
 * 4. A frame between two spaces of this thread goes through the queue, copied; nothing is handed over inside `publish`.
 */
import type { Address, TransportHost } from '../ports/transport.js';
import { TurnQueue } from '../routing/turn-queue.js';
import type { Clock } from '../ports/clock.js';
import { Connection, type ConnectionOwner } from './connection.js';
import { learn } from './learn.js';
import type { MessagePortLike } from './message-port.js';
import { newsOf, type Party, PartyDirectory, weightOf } from './party-directory.js';
import type { PortEnd } from './port-end.js';
import {
  type BroadcastMessage,
  type DirectMessage,
  moved,
  type NewsMessage,
  packed,
  type PortMessage,
  type Target,
} from './port-messages.js';
import { type WaitingBroadcast, type WaitingFrame, WaitingLine, waitIn } from './waiting-frames.js';

export type Way = Connection | PortEnd;
type DirectAddress = Exclude<Address, { kind: 'broadcast' }>;
type BroadcastAddress = Extract<Address, { kind: 'broadcast' }>;

/** Whether somebody is there to talk to at a port. */
export type PortStatus = 'connected' | 'disconnected';

/** What has happened at an exchange since it was made. */
export interface ExchangeCounts {
  malformed: number;
  returned: number;
}

/** So many names and patterns are remembered of what is behind one port. */
const mostWeight = 1_000_000;

export class Exchange implements ConnectionOwner {
  readonly counts: ExchangeCounts = { malformed: 0, returned: 0 };
  readonly #directory = new PartyDirectory<Way>();
  readonly #connections = new Set<Connection>();
  readonly #ends = new Set<PortEnd>();
  readonly #waiting = new WaitingLine<WaitingFrame<PortEnd>>();
  readonly #waitingBroadcasts = new Map<Connection, WaitingLine<WaitingBroadcast<PortEnd>>>();
  readonly #queue = new TurnQueue<() => void>((task) => task());
  readonly #keepAlive: boolean;
  readonly #changed: (port: MessagePortLike, status: PortStatus, reason?: string) => void;

  constructor(keepAlive: boolean, changed: (port: MessagePortLike, status: PortStatus, reason?: string) => void) {
    this.#keepAlive = keepAlive;
    this.#changed = changed;
  }

  connect(port: MessagePortLike): Connection {
    const connection = new Connection(port, this);
    this.#connections.add(connection);
    connection.start(this.#keepAlive);
    return connection;
  }

  close(reason: string): void {
    for (const connection of [...this.#connections]) connection.close(reason);
  }

  // --- the spaces of this thread

  join(end: PortEnd, host: TransportHost): Party<Way> {
    const party = this.#directory.join(host.instance, end);
    this.#ends.add(end);
    this.#tell(['happen.join', party.id]);
    return party;
  }

  leave(end: PortEnd, party: Party<Way>): void {
    this.#ends.delete(end);
    this.#remove(party, true);
  }

  attach(party: Party<Way>, { kind, id }: DirectAddress): void {
    this.#directory.attach(party, kind, id);
    this.#tell(['happen.attach', party.id, kind, id]);
    this.#release();
  }

  detach(party: Party<Way>, { kind, id }: DirectAddress): void {
    this.#directory.detach(party, kind, id);
    this.#tell(['happen.detach', party.id, kind, id]);
  }

  /** @throws HappenError `HAPPEN_INVALID_PATTERN` */
  listen(party: Party<Way>, group: string, patterns: readonly string[]): void {
    this.#directory.listen(party, group, patterns);
    this.#tell(['happen.listen', party.id, group, patterns]);
  }

  unlisten(party: Party<Way>, group: string): void {
    this.#directory.unlisten(party, group);
    this.#tell(['happen.unlisten', party.id, group]);
  }

  /** The parties that are not in this thread. */
  elsewhere(): Party<Way>[] {
    return [...this.#directory.parties.values()].filter(({ way }) => way instanceof Connection);
  }

  find(to: DirectAddress, except: Party<Way>): Party<Way> | undefined {
    return this.#directory.find(to.kind, to.id, except);
  }

  /** Keeps a frame for somebody who may still come up, if that may be; `undefined` if not. */
  wait(end: PortEnd, to: DirectAddress, given: Uint8Array): Promise<void> | undefined {
    return this.someAreExpected ? waitIn(this.#waiting, end, to, given) : undefined;
  }

  /** What waits for this end's sake waits no longer. */
  giveUp(end: PortEnd): WaitingFrame<PortEnd>[] {
    for (const waiting of this.#waitingBroadcasts.values()) waiting.take((one) => one.end === end);
    return this.#waiting.take((frame) => frame.end === end);
  }

  /** Hands a broadcast to a party of each group that listens, and again to whom is still to come up. */
  broadcast(end: PortEnd, party: Party<Way>, to: BroadcastAddress, frame: Uint8Array): void {
    const chosen = this.#directory.listeners(to.type, (other) => other !== party);
    this.#spread(end, party, to, frame, chosen);
    const expected = [...this.#connections].filter(({ isExpected }) => isExpected);
    if (expected.length === 0) return;
    const served = new Set([...chosen.values()].flat());
    const broadcast = { end, to, bytes: new Uint8Array(frame), served };
    for (const connection of expected) {
      const waiting = this.#waitingBroadcasts.get(connection) ?? new WaitingLine();
      this.#waitingBroadcasts.set(connection, waiting);
      if (waiting.hasRoomFor(frame.byteLength)) waiting.add(broadcast);
    }
  }

  /** Hands a broadcast that found its group gone to another party of that group, if there is one. */
  broadcastAgain(
    end: PortEnd,
    party: Party<Way>,
    to: BroadcastAddress,
    group: string,
    bytes: Uint8Array<ArrayBuffer>,
  ): void {
    this.counts.returned++;
    const chosen = this.#directory.listeners(
      to.type,
      (other) => other !== party,
      (name) => name === group,
    );
    this.#spread(end, party, to, bytes, chosen);
  }

  send(party: Party<Way>, message: DirectMessage, transfer: ArrayBuffer[]): void {
    (party.way as Connection).post(message, transfer);
  }

  later(clock: Clock, task: () => void): void {
    this.#queue.push(task, clock);
  }

  #spread(
    end: PortEnd,
    from: Party<Way>,
    to: BroadcastAddress,
    frame: Uint8Array,
    chosen: ReadonlyMap<Party<Way>, string[]>,
  ): void {
    let elsewhere: Map<Connection, Target[]> | undefined;
    for (const [party, groups] of chosen) {
      const { way } = party;
      if (way instanceof Connection) {
        elsewhere ??= new Map();
        const targets = elsewhere.get(way);
        if (targets === undefined) elsewhere.set(way, [[party.id, groups]]);
        else targets.push([party.id, groups]);
      } else {
        for (const group of groups) {
          const copy = new Uint8Array(frame);
          this.later(end.clock, () => {
            if (!way.takeBroadcast(to, group, copy)) this.broadcastAgain(end, from, to, group, copy);
          });
        }
      }
    }
    if (elsewhere === undefined) return;
    for (const [connection, targets] of elsewhere) {
      const { bytes, transfer } = packed(frame);
      connection.post(['happen.broadcast', from.id, to.type, to.sender, targets, bytes], transfer);
    }
  }

  // --- the ports

  opened(connection: Connection): void {
    for (const party of this.#directory.parties.values()) {
      if (party.way !== connection) for (const news of newsOf(party)) connection.post(news);
    }
  }

  listed(connection: Connection): void {
    this.#tellChanged(connection.port, 'connected');
  }

  settled(connection: Connection): void {
    const waiting = this.#waitingBroadcasts.get(connection)?.take() ?? [];
    this.#waitingBroadcasts.delete(connection);
    for (const { end, to, bytes, served } of waiting) {
      const { party } = end;
      if (party === undefined) continue;
      const chosen = this.#directory.listeners(
        to.type,
        ({ way }) => way === connection,
        (group) => !served.has(group),
      );
      this.#spread(end, party, to, bytes, chosen);
    }
    this.#othersMaySettle();
  }

  lost(connection: Connection, reason: string): void {
    for (const party of [...this.#directory.parties.values()]) {
      if (party.way === connection) this.#remove(party, false);
    }
    this.#waitingBroadcasts.delete(connection);
    if (connection.isEnded) this.#connections.delete(connection);
    this.#tellChanged(connection.port, 'disconnected', reason);
    this.#othersMaySettle();
  }

  malformed(connection: Connection): void {
    if (++connection.malformed === 1) {
      for (const end of this.#ends)
        end.warn({}, 'something arrived at a message port that could not be read, and was dropped');
    }
    this.counts.malformed++;
  }

  othersSettled(connection: Connection): boolean {
    for (const other of this.#connections) if (other !== connection && other.isExpected) return false;
    return true;
  }

  receive(connection: Connection, message: PortMessage): boolean {
    switch (message[0]) {
      case 'happen.join':
      case 'happen.leave':
      case 'happen.attach':
      case 'happen.detach':
      case 'happen.listen':
      case 'happen.unlisten':
        return this.#learn(connection, message);
      case 'happen.broadcast':
        return this.#passBroadcast(connection, message);
      case 'happen.frame':
      case 'happen.acknowledge':
      case 'happen.returned':
      case 'happen.returned-broadcast':
      case 'happen.sync':
      case 'happen.synced':
        return this.#pass(connection, message);
      default:
        return false;
    }
  }

  #learn(connection: Connection, news: NewsMessage): boolean {
    if (news[0] === 'happen.leave') {
      const known = this.#directory.parties.get(news[1]);
      if (known?.way !== connection) return false;
      connection.weight -= weightOf(known);
      this.#remove(known, news[2]);
      return true;
    }
    const weight = learn(this.#directory, connection, news);
    if (weight === undefined) return false;
    if (news[0] === 'happen.attach') this.#release();
    return this.#learned(connection, news, weight);
  }

  /** Passes on what was learned, unless it is too much by now. */
  #learned(connection: Connection, news: NewsMessage, weight: number): boolean {
    connection.weight += weight;
    if (connection.weight > mostWeight) connection.close('what is behind the port takes more than can be remembered');
    else this.#tell(news, connection);
    return true;
  }

  #pass(connection: Connection, message: DirectMessage): boolean {
    const [, fromId, toId] = message;
    const from = this.#directory.parties.get(fromId);
    if (from?.way !== connection) return false;
    const to = this.#directory.parties.get(toId);
    // Its end has been told, or is about to be, to everybody.
    if (to === undefined) return true;
    if (to.way === connection) return false;
    if (!(to.way instanceof Connection)) return to.way.take(from, message);
    const last: unknown = message[message.length - 1];
    to.way.post(message, last instanceof Uint8Array ? moved(last as Uint8Array<ArrayBuffer>).transfer : []);
    return true;
  }

  #passBroadcast(connection: Connection, message: BroadcastMessage): boolean {
    const [, fromId, type, sender, targets, bytes] = message;
    const from = this.#directory.parties.get(fromId);
    if (from?.way !== connection) return false;
    const to: BroadcastAddress = { kind: 'broadcast', type, sender };
    const onwards = new Map<Connection, Target[]>();
    for (const target of targets) {
      const way = this.#directory.parties.get(target[0])?.way;
      if (way === undefined || way === connection) continue;
      if (way instanceof Connection) {
        const others = onwards.get(way);
        if (others === undefined) onwards.set(way, [target]);
        else others.push(target);
      } else {
        for (const group of target[1]) {
          if (!way.takeBroadcast(to, group, bytes.slice())) way.returnBroadcast(from, to, group, bytes);
        }
      }
    }
    let left = onwards.size;
    for (const [other, rest] of onwards) {
      const { bytes: passed, transfer } = --left === 0 ? moved(bytes) : packed(bytes);
      other.post(['happen.broadcast', fromId, type, sender, rest, passed], transfer);
    }
    return true;
  }

  #remove(party: Party<Way>, orderly: boolean): void {
    this.#directory.leave(party);
    for (const end of this.#ends) end.gone(party, orderly);
    const { way } = party;
    this.#tell(['happen.leave', party.id, orderly], way instanceof Connection ? way : undefined);
  }

  #tell(news: NewsMessage, except?: Connection): void {
    for (const connection of this.#connections) {
      if (connection !== except && connection.isOpen) connection.post(news);
    }
  }

  /** Whether somebody has greeted who has not told all yet. */
  someAreComingUp(): boolean {
    for (const { isOpen, isExpected } of this.#connections) if (isOpen && isExpected) return true;
    return false;
  }

  /** A user's function that throws, against its contract, must not keep what else is to be done. */
  #tellChanged(port: MessagePortLike, status: PortStatus, reason?: string): void {
    try {
      this.#changed(port, status, reason);
    } catch (error) {
      for (const end of this.#ends) end.warn({ err: error }, 'what is told of the ports of a hub threw');
    }
  }

  /** Whether somebody may still come up. */
  get someAreExpected(): boolean {
    for (const { isExpected } of this.#connections) if (isExpected) return true;
    return false;
  }

  #othersMaySettle(): void {
    this.#release();
    for (const connection of [...this.#connections]) connection.settleIfReady();
  }

  /** Lets go of what waits and has somebody to go to by now, or nobody to wait for. */
  #release(): void {
    const inVain = !this.someAreExpected;
    const released = this.#waiting.take(
      ({ end, to }) => inVain || (end.party !== undefined && this.find(to, end.party) !== undefined),
    );
    for (const frame of released) {
      const error = inVain ? frame.end.unreachable : undefined;
      if (error !== undefined) {
        frame.reject(error);
        continue;
      }
      frame.resolve();
      frame.end.dispatch(frame.to, frame.bytes, frame.given);
    }
  }
}
