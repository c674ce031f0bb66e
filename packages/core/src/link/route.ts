import type { Address } from '../ports/transport.js';
import type { SealAddress } from '../wire/seal.js';

/** Which way a message goes, and in whose name: where frames are signed, each has one sender. */
export interface Route {
  readonly address: Address;
  /** The node that sends. */
  readonly sender: string;
  /** For an answer: the node that asked. */
  readonly recipient?: string | undefined;
}

/** At which of its addresses a frame reached the space. */
export interface Arrival {
  readonly kind: Address['kind'];
  /** The node or the instance; for a broadcast, the node that listens. */
  readonly id: string;
}

/** Who sent a frame, as far as it is known. */
export interface FrameSource {
  /** The running space it came from, and where answers go. */
  readonly instance: string;
  /** The node that signed it; `undefined` where frames are not signed, and nothing is known of who sent them. */
  readonly node: string | undefined;
  /** Where it was signed to go. */
  readonly to: SealAddress | undefined;
  /** Where signed answers go: the node whose requests they answer. */
  readonly recipient: string | undefined;
}

/** Names a request of another space. Where frames are signed, only the node that made it has a say in it. */
export function requestKey({ instance, node }: FrameSource, request: number): string {
  return node === undefined ? `${request}\u0000${instance}` : `${request}\u0000${instance}\u0000${node}`;
}

/** Whether two frames come from one node, to one node, as far as that is known. */
export function isSameSource(one: FrameSource, other: FrameSource): boolean {
  return one.instance === other.instance && one.node === other.node && one.recipient === other.recipient;
}
