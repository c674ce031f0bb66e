/**
 * Frames that come in over a connection: what is attached and listened to is subscribed to, and what arrives is handed over.
 *
 * 1. The client subscribes anew after each reconnect, so this is done once.
 * 2. What still arrives for a node that has been detached, as the sender or the server had not heard of it yet, is passed on.
 */
import {
  type Attachment,
  type Clock,
  type Listener,
  type NodeDescription,
  type Receive,
  type Timer,
} from '@happen/core';
import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import { closed } from '../connection/failures.js';
import type { Subjects } from '../subjects/subjects.js';
import { groupsOf } from './broadcast-groups.js';
import type { DirectAddress, GroupAddress, NodeAddress } from './direct-address.js';
import { GroupListener } from './group-listener.js';
import { readPart } from './parts.js';
import { Reassembly } from './reassembly.js';
import { isShared } from './unanswered.js';

/** Takes a frame, and the message with which it came in one piece. */
type Take = (frame: Uint8Array, message?: Msg) => void;

/** Told of what this instance takes. */
export interface OwnNodes {
  add(id: string, node: NodeDescription | undefined): void;
  listens(group: string, patterns: readonly string[]): void;
  remove(id: string): void;
  /** One other instance that has attached the node. */
  placeOf(id: string): string | undefined;
  /** One other instance that listens in the group to all of that. */
  listenerIn(group: string, patterns: readonly string[]): string | undefined;
  /** Whether another instance has said that it is there. */
  has(instance: string): boolean;
}

export interface IncomingOptions {
  readonly connection: NatsConnection;
  readonly subjects: Subjects;
  readonly instance: string;
  readonly nodes: OwnNodes;
  readonly clock: Clock;
  readonly maxFrameBytes: number;
  /** Whether there is a connection at the moment. */
  isUp(): boolean;
  /** A frame came for a node that was here until a moment ago. */
  passOn(nodeId: string, frame: Uint8Array): void;
  /** A frame came for a node that was here until a moment ago, which may hold something for others that still are. */
  unclaimed(to: NodeAddress, frame: Uint8Array): void;
  /** Whether somebody wants to know if what is sent to a node here arrives here; he is answered then. */
  proves(message: Msg): boolean;
  /** A broadcast came for a group that was left here a moment ago. */
  passOnBroadcast(to: GroupAddress, frame: Uint8Array): void;
  /** The server has refused a subscription. */
  refused(error: Error): void;
  /** Resolves once the server has heard of all subscriptions made so far. */
  settled(): Promise<void>;
}

/** How long frames in parts may still come for a node that has been detached: others have heard of it by then. */
const departureMs = 2_000;

export class IncomingFrames {
  readonly #options: IncomingOptions;
  readonly #reassembly: Reassembly;
  readonly #attachments = new Set<Attachment>();
  readonly #direct = new Map<string, Take>();
  readonly #groups = new Map<string, Receive>();
  /** The nodes that were here until a moment ago, each with what will forget it. */
  readonly #departed = new Map<string, Timer>();

  constructor(options: IncomingOptions) {
    this.#options = options;
    this.#reassembly = new Reassembly(options.clock, options.maxFrameBytes, (sender) => options.nodes.has(sender));
  }

  attach(address: DirectAddress, receive: Receive, node?: NodeDescription): Attachment {
    const { connection, instance, nodes, subjects } = this.#options;
    const { kind, id } = address;
    const key = `${kind} ${id}`;
    const isNode = kind === 'node';
    // What is sent to a node goes to one of its instances, or to the one that its sender chooses. Names that are too long throw.
    const named = isNode ? [subjects.node(id), subjects.nodeAt(id, instance)] : [subjects.instance(id)];
    const subscriptions: Subscription[] = [];
    let hasLeft = false;
    const leave = (): void => {
      if (hasLeft) return;
      hasLeft = true;
      if (this.#direct.get(key) === take) this.#direct.delete(key);
      if (isNode) this.#depart(id, subscriptions);
      else for (const subscription of subscriptions) subscription.unsubscribe();
    };
    const attached = this.#attachment(leave);
    const take: Take = (frame, message) => {
      if (!hasLeft) receive(frame);
      else if (isNode) this.#cameTooLate(id, frame, isShared(message?.reply));
    };
    const callback = (error: Error | null, message: Msg): void => {
      if (error === null && isNode && this.#options.proves(message)) return;
      this.#arrived(error, message, take);
    };
    for (const [at, subject] of named.entries())
      subscriptions.push(connection.subscribe(subject, { ...(isNode && at === 0 ? { queue: 'node' } : {}), callback }));
    this.#direct.set(key, take);
    if (!isNode) return attached;
    nodes.add(id, node);
    return {
      close: () => attached.close(),
      yield: () => {
        if (this.#attachments.has(attached) && nodes.placeOf(id) !== undefined) leave();
      },
    };
  }

  listen(group: string, patterns: readonly string[], receive: Receive): Listener {
    const { connection, nodes, settled, subjects } = this.#options;
    const queue = subjects.queue(group);
    let hasLeft = false;
    let current = patterns;
    const take: Receive = (frame) => {
      const another = hasLeft ? nodes.listenerIn(group, current) : undefined;
      if (another !== undefined) this.#options.passOnBroadcast({ kind: 'group', id: group, instance: another }, frame);
      else if (this.#attachments.has(attachment)) receive(frame);
    };
    const listener = new GroupListener(
      patterns,
      (filter) => {
        const callback = (error: Error | null, message: Msg): void => this.#arrived(error, message, take);
        const subscription = connection.subscribe(subjects.broadcasts(filter), { queue, callback });
        return () => this.#end(subscription, hasLeft);
      },
      settled,
    );
    const attachment = this.#attachment(() => {
      listener.close();
      if (this.#groups.get(group) === take) this.#groups.delete(group);
      nodes.listens(group, []);
    });
    this.#groups.set(group, take);
    nodes.listens(group, patterns);
    return {
      close: () => attachment.close(),
      yield: () => {
        if (hasLeft || !this.#attachments.has(attachment) || nodes.listenerIn(group, current) === undefined) return;
        hasLeft = true;
        listener.close();
        nodes.listens(group, []);
      },
      update: async (wanted) => {
        if (hasLeft || !this.#attachments.has(attachment)) throw closed('The listener has been closed.');
        current = wanted;
        nodes.listens(group, wanted);
        await listener.update(wanted);
      },
    };
  }

  /** Takes a message at the subject for parts, which names the sender. */
  takePart({ subject, data }: Msg): void {
    const part = readPart(data);
    const sender = this.#options.subjects.instanceOf(subject);
    if (part === undefined || sender === undefined) return;
    const whole = this.#reassembly.take(sender, part);
    if (whole === undefined) return;
    const { kind, address } = whole.part;
    if (kind !== 'broadcast') {
      const receive = this.#direct.get(`${kind === 'shared' ? 'node' : kind} ${address}`);
      if (receive !== undefined) receive(whole.frame);
      else if (kind === 'shared') this.#options.unclaimed({ kind: 'node', id: address }, whole.frame);
      else if (kind === 'node' && this.#departed.has(address)) this.#options.passOn(address, whole.frame);
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

  /** What had come of frames in parts is of no use any more. */
  forgetParts(): void {
    this.#reassembly.clear();
  }

  /** Closes everything that is attached. */
  close(): void {
    for (const attachment of [...this.#attachments]) attachment.close();
  }

  /** @param isDrained whether it goes on until the server has heard that it ends */
  #end(subscription: Subscription, isDrained: boolean): void {
    if (isDrained && this.#options.isUp()) subscription.drain().catch(() => {});
    else subscription.unsubscribe();
  }

  #depart(id: string, subscriptions: readonly Subscription[]): void {
    const { clock, nodes } = this.#options;
    for (const each of subscriptions) this.#end(each, true);
    this.#departed.get(id)?.clear();
    this.#departed.set(
      id,
      clock.setTimer(departureMs, () => this.#departed.delete(id), true),
    );
    nodes.remove(id);
  }

  #cameTooLate(id: string, frame: Uint8Array, isShared: boolean): void {
    const another = this.#direct.get(`node ${id}`);
    if (another !== undefined) another(frame);
    else if (isShared) this.#options.unclaimed({ kind: 'node', id }, frame);
    else this.#options.passOn(id, frame);
  }

  #arrived(error: Error | null, message: Msg, take: Take): void {
    if (error !== null) {
      this.#options.refused(error);
      return;
    }
    // A copy: what the client hands over is a view of all that the socket read.
    take(new Uint8Array(message.data), message);
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
}
