import type { Clock } from './clock.js';
import type { Logger } from './logger.js';

/** A node, as the address of a frame. */
export interface NodeAddress {
  readonly kind: 'node';
  readonly id: string;
  /**
   * The instance that `Transport.addressFor` has chosen: should it not have the node any more, the frame goes to another that
   * has.
   */
  readonly instance?: string;
  /**
   * The frame may hold what is for other nodes of that instance as well. Should it not take the frame, nobody else does: it is
   * undeliverable, and its sender sends what is in it once more, to each node by its own address.
   */
  readonly shared?: true;
}

/** The address of a node at one instance. */
export interface PlacedAddress extends NodeAddress {
  readonly instance: string;
}

/** Where a frame goes. */
export type Address =
  /** The process (one of the processes) in which the node with this id lives. */
  | NodeAddress
  /** Every group that listens to the type; `sender` is the id of the broadcasting node. */
  | { readonly kind: 'broadcast'; readonly type: string; readonly sender: string }
  /** One running space: the address on which it takes replies. */
  | { readonly kind: 'instance'; readonly id: string };

/**
 * What a transport can do, as data: read by users, by core and by the contract suite, which also tests each absence.
 * It does not change once the transport has started.
 */
export interface TransportCapabilities {
  /** Frames from one instance to one address arrive in the order in which they were published, while one instance takes them. */
  readonly ordered: boolean;
  /** Whether a published frame may be lost (`'possible'`) while the transport says it is connected. */
  readonly loss: 'none' | 'possible';
  /** Whether a frame may be handed over more than once. */
  readonly duplicates: 'none' | 'possible';
  /** Whether `TransportHost.undeliverable` is called for a frame to a node or instance that nobody has attached. */
  readonly unreachable: boolean;
  /** The longest frame it takes, in bytes: 1 024 to 67 108 864, since both sides hold a frame in memory as a whole. */
  readonly maxFrameBytes: number;
}

/** Whether frames can leave at the moment. */
export type ConnectionStatus = 'connected' | 'disconnected' | 'reconnecting' | 'reconnected' | 'closed';

/** What a transport is told of a node that is attached, beside its id. */
export interface NodeDescription {
  /** Whether the node is meant to live in one place alone. */
  readonly exclusive: boolean;
  /** The node's public key, 32 bytes, where its space signs frames. */
  readonly publicKey?: () => Uint8Array | Promise<Uint8Array>;
}

/** What a transport is given by the space that uses it. */
export interface TransportHost {
  /** The id of this running space, unguessable and never used again. */
  readonly instance: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Told when a frame addressed to a node or instance turned out to have nobody to go to. `frame` is the array that was
   * given to `publish`. Called in a later turn, and not for broadcasts.
   */
  undeliverable(to: Address, frame: Uint8Array): void;
  /**
   * Told at each change of the connection: `connected` by the time `start` resolves, `closed` by the time `stop` does, and
   * nothing after that.
   */
  status(status: ConnectionStatus, reason?: string): void;
  /**
   * Told by a transport that knows it which instance a frame to a node has gone to; `frame` is the array that was given to
   * `publish`. Called before that instance could answer, within `publish` or later, and again if another one gets the frame:
   * with `undefined` where it is not known which.
   */
  taken?(frame: Uint8Array, instance: string | undefined): void;
  /**
   * Told by a transport that goes on looking for a moment after a node was detached: a frame to that node still came, and no
   * other instance has attached it, or it went to a shared address. Whoever asked that node is answered that it is not there,
   * rather than left to wait; what is for others in the frame is taken.
   */
  unclaimed?(to: NodeAddress, frame: Uint8Array): void;
  /**
   * Told by a transport that notices that an instance has ended, or can't be reached: it will answer nothing any more.
   * `livesOn` comes with one that ended in order, where the transport lets instances pass on what reaches them too late: whether
   * another instance has a node. What the one that ended was asked and has not answered has gone there then.
   */
  gone?(instance: string, livesOn?: (nodeId: string) => boolean): void;
  /**
   * Told by a transport that knows who lives where: a node that is attached here is attached by another instance as well, and
   * one of the two is exclusive. Both instances are told, once for each pair; nothing else comes of it.
   */
  conflict?(nodeId: string, instance: string): void;
}

/**
 * Takes a frame that arrived. It never throws and returns at once. The bytes are the receiver's from then on: a transport
 * neither changes nor reuses the array afterwards.
 */
export type Receive = (frame: Uint8Array) => void;

/** Something attached to a transport; closing it ends the delivery of frames. Closing twice changes nothing. */
export interface Attachment {
  /** Ends it: nothing more is handed over once `close` returns. */
  close(): void;
  /**
   * The node is about to be closed and refuses what comes, broadcasts too. A transport that knows of other instances with that node,
   * or of others that listen in that group, lets them have it from now on. @default nothing changes before `close`
   */
  yield?(): void;
}

/** A group's interest in broadcasts. */
export interface Listener extends Attachment {
  /**
   * Replaces the patterns. Frames published after the returned promise resolves are matched by the new ones.
   *
   * @throws HappenError `HAPPEN_CLOSED` after `close` and after the transport's `stop`, as a rejection
   */
  update(patterns: readonly string[]): Promise<void>;
}

/**
 * A transport moves opaque frames between running spaces and knows nothing of nodes' insides.
 *
 * Duties of every transport, checked by `transportContract` of `@happen/testing`:
 * - It is created without side effects, takes nothing before `start` and nothing after `stop`: then `publish`, `attach` and
 *   `listen` fail with `HAPPEN_CLOSED`.
 * - A frame arrives whole and unchanged, in a later turn (never inside the call of `publish`), and never at the instance
 *   that published it.
 * - A frame to a node goes to one instance that has attached it; a broadcast goes once to each group (the instances that
 *   listen under one name), however many of its patterns match. The publishing instance is not one of them: if it has
 *   attached the node or listens in the group as well, another instance gets the frame.
 * - What was attached or listened to, or closed, holds for every instance that has since received a frame published by the
 *   instance that did so.
 * - The bytes that `publish` and a receiver hold are never the same memory, nor are those of two receivers.
 * - A transport may hand over more broadcasts than the patterns ask for, never fewer: the receiver filters.
 */
export interface Transport {
  /** Names the driver in messages and metrics, such as `memory`. */
  readonly name: string;
  readonly supports: TransportCapabilities;
  /**
   * Connects. Resolves when frames can leave. Called once.
   *
   * @throws HappenError `HAPPEN_DISCONNECTED` when the other side can't be reached and the driver does not go on trying
   */
  start(host: TransportHost): Promise<void>;
  /**
   * Stops taking frames in, lets those that were accepted for publishing leave, and disconnects. Everything that was attached
   * is closed. Calling it twice is fine, and so is calling it before `start`, which then fails with `HAPPEN_CLOSED`.
   */
  stop(): Promise<void>;
  /**
   * Hands over the frames sent to a node or to an instance. Ids may hold any characters. `node` comes with the address of a
   * node; a transport that keeps no directory of nodes has no use for it.
   *
   * @throws HappenError `HAPPEN_CLOSED` before `start` and after `stop`
   */
  attach(address: Exclude<Address, { kind: 'broadcast' }>, receive: Receive, node?: NodeDescription): Attachment;
  /**
   * Hands over broadcasts whose type matches one of the patterns: exact types, `*` for one segment, `**` for any number of
   * segments, none included; dots part the segments. `group` is the id of the node that listens.
   *
   * @throws HappenError `HAPPEN_CLOSED` before `start` and after `stop`
   */
  listen(group: string, patterns: readonly string[], receive: Receive): Listener;
  /**
   * Gives a frame away. Resolves once the transport has taken it over; what `loss` says may still happen to it. The array
   * belongs to the transport until then and is never changed by it.
   *
   * @throws HappenError `HAPPEN_PAYLOAD_TOO_LARGE` over `maxFrameBytes`; `HAPPEN_DISCONNECTED` when it can neither send nor
   *   keep it; `HAPPEN_CLOSED` before `start` and after `stop`. All of them as a rejection, never thrown by the call.
   */
  publish(to: Address, frame: Uint8Array): Promise<void>;
  /**
   * Where to send what is for a node, if the transport knows better than by its id alone; `undefined` otherwise. Called for each
   * event; the same object means the same address.
   *
   * - Of a node that lives in several instances it is the one whose turn it is: whoever asks knows then where a request is, and
   *   what is sent at a time is divided among all. Those of one `affinity` (an event's `key`, else its `dedupeKey`) go to the same
   *   one while there are the same ones to choose from.
   * - For nodes that live in one instance together it may be one address, `shared` by them, so that what is sent at a time to
   *   all of them travels in one frame. A transport that gives one must be sure that this instance may have the events of each.
   *   A space that signs its frames has no use for it: each of them is signed for one node.
   */
  addressFor?(nodeId: string, affinity: string | undefined): PlacedAddress | undefined;
  /**
   * Resolves once what has been attached and listened to so far can be reached by every instance, where that takes time; a
   * space is ready then. At once while disconnected. Never rejects. @default what was attached holds at once
   */
  settled?(): Promise<void>;
}
