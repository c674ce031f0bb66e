import type { HappenEvent } from '../event/event.js';

/** A public key: the raw 32 bytes, or 64 hexadecimal digits. */
export type PublicKey = Uint8Array | string;

/** The key of a node, or several while one takes the place of another. */
export type NodeKeys = PublicKey | readonly PublicKey[];

/** What a space does to know who sends. Without it, who a sender says he is is taken as true. */
export interface SecurityConfig {
  /**
   * `true`: every frame that leaves is signed by the node that sends, and one that arrives is taken only if its signature, its
   * sender, its address and its time are right. All spaces on a transport sign, or none does.
   *
   * A function: signs each event that is sent, or broadcast, by itself; what it gives (plain data, or a promise of it) is put
   * into `context.integrity.signature`. `hash` is `context.causal.hash`. What it throws or rejects fails the send with
   * `HAPPEN_SIGNING_FAILED`.
   */
  readonly sign?: boolean | ((hash: string, event: HappenEvent) => unknown);
  /**
   * Decides on the signature of each event that arrives from another space: anything but `true` (or a promise of it), and what
   * it throws or rejects, refuses the event with `HAPPEN_SIGNATURE_REFUSED`; so does a promise that is not settled within 30
   * seconds, for which later events of the same space wait. `signature` is `undefined` where there is none.
   * Events within the space are not asked about: nobody could have touched them.
   */
  readonly verify?: (hash: string, signature: unknown, event: HappenEvent) => boolean | Promise<boolean>;
  /**
   * With `sign: true`: the public keys of nodes by id, or a function that looks one up in memory, for each frame, so that keys
   * can be added and taken away. Nodes of this space need not stand in it.
   */
  readonly keys?: Readonly<Record<string, NodeKeys>> | ((nodeId: string) => NodeKeys | undefined);
  /**
   * With `sign: true`: whether a node of which no key is known may bind its id to the key that it first comes with, from then
   * on and until the space ends. Whoever comes first is believed.
   *
   * @default `true` without `keys`, `false` with them
   */
  readonly trustOnFirstUse?: boolean;
  /**
   * With `sign: true`: for how many milliseconds after it was signed a frame is taken, and how far ahead of this space's clock
   * that of its sender may be. 1 000 to 86 400 000. @default 60 000
   */
  readonly freshness?: number;
}
