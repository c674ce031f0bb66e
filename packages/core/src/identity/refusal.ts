/** Why a frame was refused, or something in it, where frames or events are signed. */
export type FrameRefusal =
  /** It is not signed, and this space signs. */
  | 'unsigned'
  /** It is signed, and this space does not sign. */
  | 'signed'
  /** Its signature is not that of its key over its bytes, or is in a form that proves nothing. */
  | 'signature'
  /** Its key is none that anybody could have made. */
  | 'weak-key'
  /** Its sender is known by another key. */
  | 'key-conflict'
  /** No key is known of its sender, and none is to be believed. */
  | 'unknown-sender'
  /** It was made for another address than it came to. */
  | 'destination'
  /** It was made too long ago, in the future, or before this space could know what came before. */
  | 'stale'
  /** It has come before. */
  | 'replayed'
  /** Something in it is not its sender's to say: an event of another, an answer of one who was not asked. */
  | 'sender'
  /** The signature of an event is not what a user's own `verify` takes. */
  | 'event-signature'
  /** Too many wait to be verified. */
  | 'overload';

/** All of them. */
export const frameRefusals: readonly FrameRefusal[] = [
  'unsigned',
  'signed',
  'signature',
  'weak-key',
  'key-conflict',
  'unknown-sender',
  'destination',
  'stale',
  'replayed',
  'sender',
  'event-signature',
  'overload',
];

/** Thrown on the way in, and counted there; never leaves the link. */
export class Refused extends Error {
  constructor(
    readonly reason: FrameRefusal,
    readonly sender: string | undefined,
  ) {
    super(`A frame was refused: ${reason}`);
  }
}
