import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isHappenError } from '../../src/index.js';
import { hostCrypto } from '../../src/host/node.js';
import { decodeFrame, decodeFrameBody, encodeFrame } from '../../src/wire/frame.js';
import { defaultWireLimits } from '../../src/wire/limits.js';
import { isSealed, putSignature, readSeal, type Seal, sealRoom, toBeSigned, withSeal } from '../../src/wire/seal.js';
import { bareEvent } from './samples.js';
import { encodeEvent } from '../../src/wire/event-encoding.js';
import type { Frame } from '../../src/wire/messages.js';

interface Vector {
  readonly seed: string;
  readonly frame: string;
  readonly seal: Omit<Seal, 'key' | 'recipient'> & { readonly key: string; readonly recipient: string | null };
  readonly bytes: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('golden/signed-frames.json', import.meta.url), 'utf8'),
) as readonly Vector[];
const bytesOf = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, 'hex'));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const frame: Frame = {
  from: 'f'.repeat(32),
  sequence: 7,
  messages: [
    {
      kind: 'deliver',
      target: 'server',
      events: [encodeEvent(bareEvent, undefined, hostCrypto.sha256)],
      batch: false,
      request: 1,
      remainingMs: 500,
      priority: 0,
      key: undefined,
      dedupeKey: undefined,
    },
  ],
};
const key = hostCrypto.publicKey(new Uint8Array(32)) as Uint8Array;
const seal: Seal = {
  sender: 'client',
  key,
  madeAt: 1_700_000_000_000,
  to: { kind: 'node', name: 'server' },
  recipient: undefined,
};

const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 512 }).filter((text) => text.length <= 512);
const seals: fc.Arbitrary<Seal> = fc
  .record({
    sender: name,
    key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    madeAt: fc.maxSafeNat(),
    kind: fc.constantFrom('node', 'broadcast', 'instance'),
    name,
    recipient: name,
  })
  .map(({ sender, key: publicKey, madeAt, kind, name: to, recipient }) => ({
    sender,
    key: publicKey,
    madeAt,
    to: { kind, name: to },
    recipient: kind === 'instance' ? recipient : undefined,
  }));

describe('a sealed frame', () => {
  it('gives back its seal and its frame, and takes no more room than was left for it', () => {
    const plain = encodeFrame(frame);
    fc.assert(
      fc.property(seals, fc.uint8Array({ minLength: 64, maxLength: 64 }), (given, signature) => {
        const sealed = withSeal(plain, given);
        putSignature(sealed, signature);
        expect(sealed.length - plain.length).toBeLessThanOrEqual(sealRoom(given.sender, given.to, given.recipient));
        expect(isSealed(sealed)).toBe(true);
        const read = readSeal(sealed, sealed.length);
        expect(read.seal).toEqual(given);
        expect(read.signature).toEqual(signature);
        expect(read.signed).toEqual(toBeSigned(sealed));
        expect(decodeFrameBody(sealed, read.bodyEnd, defaultWireLimits)).toEqual(decodeFrame(plain));
      }),
      { numRuns: 60 },
    );
  });

  it('is not taken for one without a seal, nor the other way round', () => {
    const plain = encodeFrame(frame);
    expect(isSealed(plain)).toBe(false);
    expect(() => decodeFrame(withSeal(plain, seal))).toThrow(
      expect.objectContaining({ code: 'HAPPEN_MALFORMED_FRAME', details: { reason: 'flags' } }),
    );
  });

  it('that is not in order is refused with a reason, whatever is wrong with it', () => {
    const sealed = withSeal(encodeFrame(frame), seal);
    const reasonOf = (bytes: Uint8Array, limit = 1_000_000): unknown => {
      try {
        readSeal(bytes, limit);
        return 'none';
      } catch (error) {
        if (!isHappenError(error, 'HAPPEN_MALFORMED_FRAME')) throw error;
        return error.details['field'] ?? error.details['reason'];
      }
    };
    expect(reasonOf(sealed)).toBe('none');
    expect(reasonOf(sealed, sealed.length - 1)).toBe('size');
    for (let length = 0; length < sealed.length; length++)
      expect(reasonOf(sealed.subarray(0, length))).not.toBe('none');
    const changed = (change: Partial<Record<keyof Seal, unknown>>): unknown =>
      reasonOf(withSeal(encodeFrame(frame), { ...seal, ...change } as Seal));
    expect(changed({ key: new Uint8Array(31) })).toBe('seal.key');
    expect(changed({ madeAt: -1 })).toBe('seal.madeAt');
    expect(changed({ madeAt: 1.5 })).toBe('seal.madeAt');
    expect(changed({ sender: '' })).toBe('seal.sender');
    expect(changed({ to: { kind: 'node', name: '' } })).toBe('seal.to');
    expect(changed({ recipient: 'somebody' })).toBe('seal.recipient');
    expect(changed({ to: { kind: 'instance', name: 'x' } })).toBe('seal.recipient');
  });

  it('made of hostile bytes ends in an error with a code, and in nothing else', () => {
    const sealed = withSeal(encodeFrame(frame), seal);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(sealed.length - 1), fc.nat(255)), { maxLength: 12 }),
        fc.uint8Array({ maxLength: 20 }),
        fc.nat(sealed.length),
        (changes, added, cut) => {
          const bytes = Uint8Array.from([...sealed.subarray(0, cut), ...added, ...sealed.subarray(cut)]);
          for (const [at, value] of changes) bytes[at] = value;
          try {
            const { bodyEnd } = readSeal(bytes, 1_000_000);
            decodeFrameBody(bytes, bodyEnd, defaultWireLimits);
          } catch (error) {
            expect(isHappenError(error, 'HAPPEN_MALFORMED_FRAME')).toBe(true);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('the golden signed frames', () => {
  it.each(vectors.map((vector, index) => [index, vector] as const))('number %d', (_, vector) => {
    const { recipient, ...rest } = vector.seal;
    const given: Seal = { ...rest, key: bytesOf(vector.seal.key), recipient: recipient ?? undefined };
    const sealed = withSeal(bytesOf(vector.frame), given);
    putSignature(sealed, hostCrypto.sign(toBeSigned(sealed), bytesOf(vector.seed)) as Uint8Array);
    expect(hex(sealed)).toBe(vector.bytes);
    const read = readSeal(bytesOf(vector.bytes), vector.bytes.length);
    expect(read.seal).toEqual(given);
    expect(hostCrypto.verify(read.signed, read.signature, given.key)).toBe(true);
  });
});
