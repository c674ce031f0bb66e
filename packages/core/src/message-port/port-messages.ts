/**
 * What goes through a port: tuples whose first item is their kind. Whoever is on the other side may be faulty or hostile, so
 * all that arrives goes through `readMessage`.
 *
 * `join` to `unlisten` spread what a party (a running space) takes, to everybody. `frame` to `synced` go from one party to
 * another, and are passed on unread by those between them. `broadcast` goes to several, and is split on its way.
 */
import type { Address } from '../ports/transport.js';

/** Both sides must have the same. */
export const protocolVersion = 1;
/** The longest frame, in bytes. Ports have no limit of their own; both sides hold a frame in memory as a whole. */
export const maxFrameBytes = 67_108_864;

export type DirectKind = Exclude<Address['kind'], 'broadcast'>;

/** Of a broadcast: which groups a party shall hand it to. */
export type Target = readonly [party: string, groups: readonly string[]];

export type LineMessage =
  /** `heard`: the sender has had the other side's `hello`. */
  | readonly [kind: 'happen.hello', version: number, heard: boolean]
  /** The sender has stopped; it may say `hello` again later. */
  | readonly [kind: 'happen.bye']
  /** All that the sender knew has been told. To be answered by `pong` at once. */
  | readonly [kind: 'happen.ping']
  | readonly [kind: 'happen.pong']
  /** All that the sender's side begins with has been told. */
  | readonly [kind: 'happen.settled'];

export type NewsMessage =
  | readonly [kind: 'happen.join', party: string]
  /** `orderly`: it has said of every frame that it took that it did. */
  | readonly [kind: 'happen.leave', party: string, orderly: boolean]
  | readonly [kind: 'happen.attach', party: string, addressKind: DirectKind, id: string]
  | readonly [kind: 'happen.detach', party: string, addressKind: DirectKind, id: string]
  /** Replaces what the group listened to at this party. */
  | readonly [kind: 'happen.listen', party: string, group: string, patterns: readonly string[]]
  | readonly [kind: 'happen.unlisten', party: string, group: string];

export type DirectMessage =
  /** `acknowledged`: up to which number the sender has taken the frames of the other. */
  | readonly [
      kind: 'happen.frame',
      from: string,
      to: string,
      number: number,
      acknowledged: number,
      addressKind: DirectKind,
      id: string,
      bytes: Uint8Array<ArrayBuffer>,
    ]
  | readonly [kind: 'happen.acknowledge', from: string, to: string, acknowledged: number]
  /** The frame found nobody at this party any more. */
  | readonly [kind: 'happen.returned', from: string, to: string, number: number, bytes: Uint8Array<ArrayBuffer>]
  | readonly [
      kind: 'happen.returned-broadcast',
      from: string,
      to: string,
      type: string,
      sender: string,
      group: string,
      bytes: Uint8Array<ArrayBuffer>,
    ]
  /** To be answered by `synced`: all that was told before is known by then. */
  | readonly [kind: 'happen.sync', from: string, to: string, number: number]
  | readonly [kind: 'happen.synced', from: string, to: string, number: number];

export type BroadcastMessage = readonly [
  kind: 'happen.broadcast',
  from: string,
  type: string,
  sender: string,
  targets: readonly Target[],
  bytes: Uint8Array<ArrayBuffer>,
];

export type PortMessage = LineMessage | NewsMessage | DirectMessage | BroadcastMessage;

const longestName = 4_096;
const mostPatterns = 100_000;
const mostTargets = 100_000;

type Check = (value: unknown) => boolean;

const isName: Check = (value) => typeof value === 'string' && value.length <= longestName;
const isNumber: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isBoolean: Check = (value) => typeof value === 'boolean';
const isDirectKind: Check = (value) => value === 'node' || value === 'instance';
const isNames: Check = (value) => Array.isArray(value) && value.length <= mostPatterns && value.every(isName);
const isTargets: Check = (value) =>
  Array.isArray(value) &&
  value.length <= mostTargets &&
  value.every((target) => Array.isArray(target) && target.length === 2 && isName(target[0]) && isNames(target[1]));
/** Memory that the sender could still write to, as of a `SharedArrayBuffer`, is none of ours. */
const isBytes: Check = (value) =>
  tagOf(value) === '[object Uint8Array]' &&
  tagOf((value as Uint8Array).buffer) === '[object ArrayBuffer]' &&
  (value as Uint8Array).byteLength <= maxFrameBytes;

const shapes: { readonly [Kind in PortMessage[0]]: readonly Check[] } = {
  'happen.hello': [isNumber, isBoolean],
  'happen.bye': [],
  'happen.ping': [],
  'happen.pong': [],
  'happen.settled': [],
  'happen.join': [isName],
  'happen.leave': [isName, isBoolean],
  'happen.attach': [isName, isDirectKind, isName],
  'happen.detach': [isName, isDirectKind, isName],
  'happen.listen': [isName, isName, isNames],
  'happen.unlisten': [isName, isName],
  'happen.frame': [isName, isName, isNumber, isNumber, isDirectKind, isName, isBytes],
  'happen.acknowledge': [isName, isName, isNumber],
  'happen.returned': [isName, isName, isNumber, isBytes],
  'happen.returned-broadcast': [isName, isName, isName, isName, isName, isBytes],
  'happen.sync': [isName, isName, isNumber],
  'happen.synced': [isName, isName, isNumber],
  'happen.broadcast': [isName, isName, isName, isTargets, isBytes],
};

/** What arrived, if it is one of the messages above in full; `undefined` if not. Never throws. */
export function readMessage(data: unknown): PortMessage | undefined {
  if (!Array.isArray(data)) return undefined;
  const kind: unknown = data[0];
  // A greeting of another version may look otherwise from its third item on.
  if (kind === 'happen.hello' && isNumber(data[1]) && data[1] !== protocolVersion)
    return [kind, data[1] as number, true];
  if (typeof kind !== 'string' || !Object.hasOwn(shapes, kind)) return undefined;
  const checks = shapes[kind as PortMessage[0]];
  if (data.length !== checks.length + 1) return undefined;
  for (let index = 0; index < checks.length; index++) if (!checks[index]?.(data[index + 1])) return undefined;
  return data as unknown as PortMessage;
}

const transferredFrom = 4_096;

/**
 * The bytes as they may be posted. Whoever published them keeps his, so what is moved into the other thread is a copy. Short
 * ones are left to the runtime to copy, which is quicker than moving them, and so are `isOurs`, which may be moved as they are.
 */
export function packed(bytes: Uint8Array): { bytes: Uint8Array<ArrayBuffer>; transfer: ArrayBuffer[] } {
  if (bytes.byteLength >= transferredFrom) return moved(new Uint8Array(bytes));
  // A part of something larger would take all of it along.
  const whole = bytes.byteLength === bytes.buffer.byteLength && tagOf(bytes.buffer) === '[object ArrayBuffer]';
  return { bytes: whole ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes), transfer: nothing };
}

/** Bytes that arrived, or were copied, and are needed here no longer. */
export function moved(bytes: Uint8Array<ArrayBuffer>): { bytes: Uint8Array<ArrayBuffer>; transfer: ArrayBuffer[] } {
  return { bytes, transfer: bytes.byteLength < transferredFrom ? nothing : [bytes.buffer] };
}

export const nothing: ArrayBuffer[] = [];

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}
