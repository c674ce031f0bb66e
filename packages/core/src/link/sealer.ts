import { HappenError } from '../errors/happen-error.js';
import type { KeyPair } from '../identity/key-pair.js';
import { type NowOrLater, whenKnown } from '../identity/now-or-later.js';
import type { Clock } from '../ports/clock.js';
import type { Address } from '../ports/transport.js';
import { putSignature, sealRoom, type SealAddress, toBeSigned, withSeal } from '../wire/seal.js';
import { inTime, longestAnswerMs } from './in-time.js';
import type { Route } from './route.js';

/** Signs the frames of one route. */
export interface Seals {
  /** How many bytes it adds to a frame, at most. */
  readonly room: number;
  /** Whether this is still who would sign. */
  isOf(pair: KeyPair): boolean;
  /** @throws HappenError, or rejects with one, when the key pair does not sign */
  seal(frame: Uint8Array): NowOrLater<Uint8Array>;
}

/** What signing needs from a space. */
export interface SealingHost {
  readonly clock: Clock;
  localNode(id: string): { readonly keyPair: KeyPair } | undefined;
}

/** Signs the frames of a space, each with the key of the node that sends it. */
export class Sealer {
  readonly #host: SealingHost;

  constructor(host: SealingHost) {
    this.#host = host;
  }

  /** @throws HappenError `HAPPEN_CLOSED` when the node is not there any more */
  keyPairOf(sender: string): KeyPair {
    const node = this.#host.localNode(sender);
    if (node !== undefined) return node.keyPair;
    throw new HappenError('HAPPEN_CLOSED', `Node "${sender}" is closed, so nothing can be signed in its name.`, {
      details: { node: sender },
    });
  }

  sealsOf({ address, sender, recipient }: Route, pair: KeyPair): Seals {
    const { clock } = this.#host;
    const to = sealAddressOf(address);
    return {
      room: sealRoom(sender, to, recipient),
      isOf: (other) => other === pair,
      seal: (frame) => {
        const sealing = whenKnown(pair.publicKey(), (key) => {
          const sealed = withSeal(frame, { sender, key, madeAt: Math.floor(clock.now()), to, recipient });
          return whenKnown(pair.sign(toBeSigned(sealed)), (signature) => {
            putSignature(sealed, signature);
            return sealed;
          });
        });
        // The frames of all nodes leave in order: one whose key pair does not answer must not hold them for ever.
        return inTime(clock, sealing, () => tooLong(sender));
      },
    };
  }
}

function tooLong(sender: string): HappenError {
  return new HappenError(
    'HAPPEN_SIGNING_FAILED',
    `The key pair of node "${sender}" did not sign within ${longestAnswerMs} ms.`,
  );
}

/** An address, as a seal says it. */
function sealAddressOf(address: Address): SealAddress {
  return { kind: address.kind, name: address.kind === 'broadcast' ? address.type : address.id };
}
