import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as browserHost from '../../src/host/browser.js';
import * as nodeHost from '../../src/host/node.js';

afterEach(() => void vi.unstubAllEnvs());

describe('the hosts', () => {
  it('have the same members of the same kinds', () => {
    const kinds = (host: object): unknown =>
      Object.fromEntries(
        Object.entries(host)
          .map(([name, member]) => [name, typeof member])
          .sort(),
      );
    expect(kinds(browserHost)).toEqual(kinds(nodeHost));
    expect(kinds(browserHost.hostCrypto)).toEqual(kinds(nodeHost.hostCrypto));
  });

  it.each([
    ['node', nodeHost],
    ['browser', browserHost],
  ])('%s: SHA-256 gives the published digests', (_, { hostCrypto }) => {
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    const text = (value: string): Uint8Array => new TextEncoder().encode(value);
    expect(hex(hostCrypto.sha256(text('')))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(hex(hostCrypto.sha256(text('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(hex(hostCrypto.sha256(text('a'.repeat(1_000_000))))).toBe(
      'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
    );
  });

  it('agree on the digest of any bytes, and keep to those of a view', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), (bytes, skipped) => {
        const view = bytes.subarray(Math.min(skipped, bytes.length));
        const expected = new Uint8Array(createHash('sha256').update(view).digest());
        for (const { hostCrypto } of [nodeHost, browserHost]) {
          const digest = hostCrypto.sha256(view);
          expect(digest.length).toBe(32);
          expect(Array.from(digest)).toEqual(Array.from(expected));
        }
      }),
    );
  });

  // RFC 8032 §7.1, tests 1 to 3.
  const signatures = [
    {
      seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      message: '',
      signature:
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    },
    {
      seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      message: '72',
      signature:
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    },
    {
      seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      message: 'af82',
      signature:
        '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    },
  ];
  it.each([
    ['node', nodeHost],
    ['browser', browserHost],
  ])('%s: Ed25519 gives the published keys and signatures, and verifies no others', async (_, { hostCrypto }) => {
    for (const vector of signatures) {
      const [seed, message, publicKey] = [vector.seed, vector.message, vector.publicKey].map(
        (digits) => new Uint8Array(Buffer.from(digits, 'hex')),
      ) as [Uint8Array, Uint8Array, Uint8Array];
      expect(Buffer.from(await hostCrypto.publicKey(seed)).toString('hex')).toBe(vector.publicKey);
      const signature = await hostCrypto.sign(message, seed);
      expect(signature.constructor).toBe(Uint8Array);
      expect(Buffer.from(signature).toString('hex')).toBe(vector.signature);
      expect(await hostCrypto.verify(message, signature, publicKey)).toBe(true);
      expect(await hostCrypto.verify(Uint8Array.from([...message, 0]), signature, publicKey)).toBe(false);
      signature[40] = (signature[40] as number) ^ 1;
      expect(await hostCrypto.verify(message, signature, publicKey)).toBe(false);
    }
  });

  it.each([
    ['has no Ed25519', { importKey: () => Promise.reject(Object.assign(new Error(), { name: 'NotSupportedError' })) }],
    ['is not there', undefined],
  ])('browser: where Web Cryptography %s, an error with a code says so', async (_, subtle) => {
    vi.stubGlobal('crypto', { subtle });
    try {
      const { hostCrypto } = browserHost;
      const bytes = new Uint8Array(32).fill(9);
      for (const asked of [
        hostCrypto.publicKey(bytes),
        hostCrypto.sign(bytes, bytes.slice()),
        hostCrypto.verify(bytes, new Uint8Array(64), bytes.slice()),
      ])
        await expect(asked).rejects.toMatchObject({ code: 'HAPPEN_NOT_AVAILABLE' });
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it.each([
    ['node', nodeHost],
    ['browser', browserHost],
  ])('%s: random bytes are as many as asked for, and other ones each time', (_, { hostCrypto }) => {
    for (const length of [0, 1, 16, 4096, 65_536]) {
      const bytes = hostCrypto.randomBytes(length);
      expect(bytes).toBeInstanceOf(Uint8Array);
      expect(bytes.length).toBe(length);
    }
    const drawn = new Set(Array.from({ length: 1000 }, () => Buffer.from(hostCrypto.randomBytes(16)).toString('hex')));
    expect(drawn.size).toBe(1000);
    const many = hostCrypto.randomBytes(65_536);
    const counts = new Map<number, number>();
    for (const byte of many) counts.set(byte, (counts.get(byte) ?? 0) + 1);
    expect(counts.size).toBe(256);
  });

  it.each([
    ['node', nodeHost],
    ['browser', browserHost],
  ])('%s: it is development unless NODE_ENV is production', (_, { isDevelopment }) => {
    for (const [value, expected] of [
      ['production', false],
      ['development', true],
      ['test', true],
      ['', true],
    ] as const) {
      vi.stubEnv('NODE_ENV', value);
      expect(isDevelopment()).toBe(expected);
    }
  });

  it('browser: it is development where no bundler has put NODE_ENV in place', () => {
    vi.stubGlobal('process', undefined);
    try {
      expect(browserHost.isDevelopment()).toBe(true);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('node: values follow through promises, timers and callbacks, apart from each other', async () => {
    const tracker = nodeHost.asyncTracker<string>() as NonNullable<ReturnType<typeof nodeHost.asyncTracker<string>>>;
    const seen: (string | undefined)[][] = [];
    const follow = async (name: string): Promise<void> => {
      const here = [tracker.current()];
      await null;
      here.push(tracker.current());
      await new Promise((resolve) => setTimeout(resolve, 1));
      here.push(tracker.current());
      seen.push(here);
      expect(new Set(here)).toEqual(new Set([name]));
    };
    const running: Promise<void>[] = [];
    for (const name of ['a', 'b', 'c']) tracker.run(name, (argument) => void running.push(follow(argument)), name);
    expect(tracker.current()).toBeUndefined();
    await Promise.all(running);
    expect(seen).toHaveLength(3);
    tracker.run(
      'outer',
      () => {
        tracker.run(undefined, () => expect(tracker.current()).toBeUndefined(), undefined);
        expect(tracker.current()).toBe('outer');
      },
      undefined,
    );
  });

  it('node: a tracker that has ended follows nothing any more', async () => {
    const tracker = nodeHost.asyncTracker<string>();
    let going: Promise<string | undefined> | undefined;
    const follow = async (): Promise<string | undefined> => {
      await null;
      tracker?.end();
      await null;
      return tracker?.current();
    };
    tracker?.run('value', () => void (going = follow()), undefined);
    expect(await going).toBeUndefined();
  });

  it('browser: there is no tracker', () => {
    expect(browserHost.asyncTracker()).toBeUndefined();
  });
});
