import { createIdentity, initializeHappen, type Signer, verifySignature } from '../../src/index.js';

const { createNode } = initializeHappen();
const orders = createNode<{ 'order.placed'(payload: { id: string }): void }>('orders');

// A node is known by a public key, whatever its events are.
(await orders.identity.publicKey()) satisfies Uint8Array;
(await createNode('free').identity.sign(new Uint8Array(1))) satisfies Uint8Array;
(await verifySignature(new Uint8Array(32), new Uint8Array(1), new Uint8Array(64))) satisfies boolean;

// What it is given: an identity that was made, a seed, or a key pair that lives elsewhere.
createNode('made', { identity: createIdentity() });
createNode('kept', { identity: createIdentity().export() });
const held: Signer = { publicKey: () => new Uint8Array(32), sign: async () => new Uint8Array(64) };
createNode('held', { identity: held });
// @ts-expect-error a secret is no text
createNode('text', { identity: 'secret' });
// @ts-expect-error a public key alone signs nothing
createNode('half', { identity: { publicKey: () => new Uint8Array(32) } });

// The secret half of a node can't be asked for.
// @ts-expect-error only what createIdentity made can be exported
createNode('closed').identity.export();
// @ts-expect-error nor be put in place of another
createNode('fixed').identity = createIdentity();

// A user's own cryptography needs only what it needed before there were signatures.
const randomBytes = (length: number) => new Uint8Array(length);
const sha256 = (bytes: Uint8Array) => bytes;
initializeHappen({ crypto: { randomBytes, sha256 } });
initializeHappen({ crypto: { randomBytes, sha256, verify: () => true, sign: (message) => message } });

// Who sends is proven by the framework, with keys in several forms, or by signatures of a user's own.
const key = new Uint8Array(32);
initializeHappen({ security: { sign: true, keys: { a: key, b: 'ab', c: [key, 'ab'] }, trustOnFirstUse: true } });
initializeHappen({ security: { sign: true, keys: (id) => (id === 'a' ? key : undefined), freshness: 5_000 } });
initializeHappen({
  security: {
    sign: async (hash, event) => `${hash satisfies string} ${event.type satisfies string}`,
    verify: (hash, signature, event) => (signature satisfies unknown) === `${hash} ${event.type}`,
  },
});
// @ts-expect-error a check decides
initializeHappen({ security: { verify: () => 'yes' } });
