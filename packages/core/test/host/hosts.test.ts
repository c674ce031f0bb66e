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

  it('browser: there is no tracker', () => {
    expect(browserHost.asyncTracker()).toBeUndefined();
  });
});
