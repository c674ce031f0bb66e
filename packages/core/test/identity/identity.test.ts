import { createPublicKey, generateKeyPairSync, sign as signWith, verify as verifyWith } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createIdentity, type Identity, initializeHappen, type Signer, verifySignature } from '../../src/index.js';
import { hostCrypto } from '../../src/host/node.js';
import { failureOf } from '../talking/observing.js';
import { written } from './curve.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const seed = Uint8Array.from({ length: 32 }, (_, index) => index + 100);
const plainCrypto = { randomBytes: hostCrypto.randomBytes, sha256: hostCrypto.sha256 };

describe('the identity of a node', () => {
  it('is a key pair of its own, made when first needed, and the same from then on', async () => {
    let drawn = 0;
    const randomBytes = (length: number): Uint8Array => {
      if (length === 32) drawn++;
      return hostCrypto.randomBytes(length);
    };
    const { createNode } = initializeHappen({ crypto: { ...hostCrypto, randomBytes } });
    const [one, other] = [createNode('one'), createNode('other')];
    expect(drawn).toBe(0);
    const key = await one.identity.publicKey();
    expect(drawn).toBe(1);
    expect(key).toBeInstanceOf(Uint8Array);
    expect(key.length).toBe(32);
    expect(await one.identity.publicKey()).toEqual(key);
    expect(await other.identity.publicKey()).not.toEqual(key);
    expect(one.identity).toBe(one.identity);
    key.fill(0);
    expect(await one.identity.publicKey()).not.toEqual(key);
  });

  it('is the one it was given, as a seed or as what was made of it', async () => {
    const { createNode } = initializeHappen();
    const identity = createIdentity(seed);
    const given = seed.slice();
    const node = createNode('by-seed', { identity: given });
    given.fill(0);
    expect(await node.identity.publicKey()).toEqual(await identity.publicKey());
    expect(await createNode('by-identity', { identity }).identity.publicKey()).toEqual(await identity.publicKey());
    const drawn = createIdentity();
    expect(await createIdentity(drawn.export()).publicKey()).toEqual(await drawn.publicKey());
    expect(await createIdentity().publicKey()).not.toEqual(await drawn.publicKey());
  });

  it('is there inside a flow too', async () => {
    const { createNode } = initializeHappen();
    const node = createNode('node', { identity: seed });
    node.on('who', async (_event, context) => hex(await (context.node as { identity: Identity }).identity.publicKey()));
    expect(await node.send(node, { type: 'who' })).toBe(hex(await createIdentity(seed).publicKey()));
  });

  it('proves who it is to anybody who knows Ed25519', async () => {
    const { createNode } = initializeHappen();
    const { identity } = createNode('node');
    const challenge = bytesOf('a nonce of the other side');
    const signature = await identity.sign(challenge);
    const publicKey = await identity.publicKey();
    const x = Buffer.from(publicKey).toString('base64url');
    const theirs = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    expect(verifyWith(null, challenge, theirs, signature)).toBe(true);
    expect(await verifySignature(publicKey, challenge, signature)).toBe(true);
    expect(await verifySignature(publicKey, bytesOf('another'), signature)).toBe(false);
    expect(await verifySignature(await createIdentity().publicKey(), challenge, signature)).toBe(false);
  });

  it.each([
    ['what begins like a frame', Uint8Array.of(0xc1, 0x48, 1, 1, 0)],
    ['text', 'challenge'],
    ['nothing', undefined],
  ])('signs no bytes that could speak in its name: %s', async (_, data) => {
    const error = await failureOf(
      initializeHappen()
        .createNode('node')
        .identity.sign(data as Uint8Array),
    );
    expect(error).toMatchObject({ code: 'HAPPEN_INVALID_OPTION', details: { option: 'data' } });
  });

  it('shows nothing of its key pair', async () => {
    const { createNode } = initializeHappen();
    const identity = createIdentity(seed);
    const node = createNode('node', { identity });
    await node.identity.sign(bytesOf('x'));
    const shown = [identity, node, node.identity, structuredClone(identity)]
      .flatMap((one) => [JSON.stringify(one), inspect(one, { depth: 10, showHidden: true }), Object.keys(one).join()])
      .join('\n');
    for (const secret of [hex(seed), Buffer.from(seed).toString('base64'), seed.join(','), seed.join(', ')])
      expect(shown).not.toContain(secret);
    expect(shown).not.toContain('100,');
    expect(shown).not.toContain('64 65 66');
  });

  it.each([new Uint8Array(31), new Uint8Array(64), 'secret', 5, null])('is not made of %j', (given) => {
    expect(() => createIdentity(given as never)).toThrow(
      expect.objectContaining({ code: 'HAPPEN_INVALID_OPTION', details: { option: 'seed' } }),
    );
  });
});

describe('a key pair that lives elsewhere', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
  const answers: Record<string, Signer> = {
    'at once': { publicKey: () => raw, sign: (message) => signWith(null, message, privateKey) },
    later: { publicKey: async () => raw, sign: async (message) => signWith(null, message, privateKey) },
  };

  it.each(Object.entries(answers))('is asked for what it alone can give, and answers %s', async (_, identity) => {
    const node = initializeHappen().createNode('node', { identity });
    expect(await node.identity.publicKey()).toEqual(raw);
    const signature = await node.identity.sign(bytesOf('x'));
    expect(verifyWith(null, bytesOf('x'), publicKey, signature)).toBe(true);
  });

  const broken: Record<string, Signer> = {
    throws: {
      publicKey: () => raw,
      sign: () => {
        throw new Error('gone');
      },
    },
    rejects: { publicKey: () => raw, sign: () => Promise.reject(new Error('gone')) },
    'gives what is no signature': { publicKey: () => raw, sign: () => new Uint8Array(5) },
    'gives nothing': { publicKey: () => raw, sign: (() => undefined) as never },
  };
  it.each(Object.entries(broken))('fails with a code when it %s', async (_, identity) => {
    const error = await failureOf(initializeHappen().createNode('node', { identity }).identity.sign(bytesOf('x')));
    expect(error.code).toBe('HAPPEN_SIGNING_FAILED');
    expect(error.cause).toBeInstanceOf(Error);
  });

  it.each([
    ['of small order', () => written(1n, false)],
    ['of another length', () => new Uint8Array(33)],
    ['that is none', () => 'key' as never],
    ['that never comes', () => Promise.reject(new Error('gone'))],
  ])('has no public key %s', async (_, publicKeyOf) => {
    const identity = { publicKey: publicKeyOf, sign: () => new Uint8Array(64) };
    const node = initializeHappen().createNode('node', { identity });
    expect((await failureOf(node.identity.publicKey())).code).toBe('HAPPEN_SIGNING_FAILED');
  });

  it('is asked again after it failed', async () => {
    let asked = 0;
    const identity = {
      publicKey: async () => (asked++ === 0 ? Promise.reject(new Error('locked')) : raw),
      sign: () => new Uint8Array(64),
    };
    const node = initializeHappen().createNode('node', { identity });
    expect((await failureOf(node.identity.publicKey())).code).toBe('HAPPEN_SIGNING_FAILED');
    expect(await node.identity.publicKey()).toEqual(raw);
    expect(await node.identity.publicKey()).toEqual(raw);
    expect(asked).toBe(2);
  });
});

describe("a user's own crypto", () => {
  it('needs random bytes and SHA-256 only, while nothing is signed', async () => {
    const { createNode } = initializeHappen({ crypto: plainCrypto });
    const node = createNode('node');
    node.on('ask', () => 'answer');
    expect(await node.send(node, { type: 'ask' })).toBe('answer');
    expect((await failureOf(node.identity.publicKey())).details).toEqual({ path: 'crypto.publicKey' });
    const error = await failureOf(node.identity.sign(bytesOf('x')));
    expect(error).toMatchObject({ code: 'HAPPEN_INVALID_CONFIG', details: { path: 'crypto.sign' } });
  });

  it('signs for the nodes of its space, also with an identity that was made without it', async () => {
    const used: string[] = [];
    class Recording {
      readonly #used = used;
      randomBytes = hostCrypto.randomBytes;
      sha256 = hostCrypto.sha256;
      async publicKey(given: Uint8Array): Promise<Uint8Array> {
        this.#used.push('publicKey');
        return hostCrypto.publicKey(given);
      }
      async sign(message: Uint8Array, given: Uint8Array): Promise<Uint8Array> {
        this.#used.push('sign');
        return hostCrypto.sign(message, given);
      }
    }
    const { createNode } = initializeHappen({ crypto: new Recording() });
    const { identity } = createNode('node', { identity: createIdentity(seed) });
    const [key, signature] = await Promise.all([identity.publicKey(), identity.sign(bytesOf('x'))]);
    await identity.publicKey();
    expect(used).toEqual(['publicKey', 'sign']);
    expect(await verifySignature(key, bytesOf('x'), signature)).toBe(true);
  });
});

describe('what proves nothing', () => {
  it.each<[string, (key: Uint8Array, signature: Uint8Array) => [unknown, unknown, unknown]]>([
    [
      'a key of small order and the signature that nobody made',
      () => [written(1n, false), bytesOf('x'), Uint8Array.from([...written(1n, false), ...new Uint8Array(32)])],
    ],
    ['a key of another length', (key, signature) => [key.subarray(1), bytesOf('x'), signature]],
    ['a signature of another length', (key, signature) => [key, bytesOf('x'), signature.subarray(1)]],
    ['a key that is no point', (_, signature) => [new Uint8Array(32).fill(2), bytesOf('x'), signature]],
    ['texts', () => ['key', 'x', 'signature']],
    ['nothing', () => [undefined, undefined, undefined]],
  ])('is not accepted: %s', async (_, change) => {
    const identity = createIdentity(seed);
    const [key, data, signature] = change(await identity.publicKey(), await identity.sign(bytesOf('x')));
    expect(await verifySignature(key as Uint8Array, data as Uint8Array, signature as Uint8Array)).toBe(false);
  });

  it('is a signature of what begins like a frame, since that was not meant as a proof', async () => {
    const frame = Uint8Array.of(0xc1, 0x48, 1, 1);
    const signature = hostCrypto.sign(frame, seed) as Uint8Array;
    expect(await verifySignature(hostCrypto.publicKey(seed) as Uint8Array, frame, signature)).toBe(false);
  });
});
