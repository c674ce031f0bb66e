import { describe, expect, it } from 'vitest';
import { type KnownKey, KnownKeys, type KnownKeysSettings, mostBoundKeys } from '../../src/identity/known-keys.js';
import { Refused } from '../../src/identity/refusal.js';
import { handClock } from '../host/hand-clock.js';

/** As good as a key: nothing is signed here. */
const key = (number: number): Uint8Array => {
  const bytes = new Uint8Array(32).fill(9);
  new DataView(bytes.buffer).setUint32(4, number);
  return bytes;
};

function keys(given: Partial<KnownKeysSettings> = {}) {
  const clock = handClock();
  const known = new KnownKeys({
    clock,
    keys: undefined,
    trustOnFirstUse: true,
    localKeyPair: () => undefined,
    lookUpFailed() {},
    ...given,
  });
  const comes = (nodeId: string, number: number): string => {
    try {
      const found = known.find(nodeId, key(number)) as KnownKey;
      known.used(nodeId, found);
      return found.isNew ? 'new' : 'known';
    } catch (error) {
      return (error as Refused).reason;
    }
  };
  return { clock, known, comes };
}

describe('keys that nobody has pinned', () => {
  it('are bound to the first node they sign for, and to no name before they have', () => {
    const { known, comes } = keys();
    void known.find('a', key(7));
    expect(comes('a', 1)).toBe('new');
    expect(comes('a', 1)).toBe('known');
    expect(comes('a', 2)).toBe('key-conflict');
    expect(comes('b', 1)).toBe('new');
  });

  it('of two that came for one name before either was verified, the first verified is bound', () => {
    const { known } = keys();
    const [one, other] = [known.find('a', key(1)), known.find('a', key(2))] as KnownKey[];
    known.used('a', one as KnownKey);
    expect(() => known.used('a', other as KnownKey)).toThrow(Refused);
    known.used('a', known.find('a', key(1)) as KnownKey);
  });

  it('give back the same array each time, so that the runtime makes one key of it', () => {
    const { known } = keys();
    const first = known.find('a', key(1)) as KnownKey;
    known.used('a', first);
    expect((known.find('a', key(1)) as KnownKey).key).toBe(first.key);
  });

  it('are remembered up to a number; then newcomers are refused, but for the place of who was not heard for an hour', () => {
    const { clock, comes } = keys();
    for (let number = 0; number < mostBoundKeys; number++) comes(`n${number}`, number);
    expect(comes('late', 1)).toBe('unknown-sender');
    clock.advance(3_599_999);
    expect(comes('late', 1)).toBe('unknown-sender');
    expect(comes('n0', 0)).toBe('known');
    clock.advance(1);
    expect(comes('late', 1)).toBe('new');
    expect(comes('n0', 5)).toBe('key-conflict');
    expect(comes('n2', 5)).toBe('key-conflict');
  });
});

describe('keys that were pinned', () => {
  it('speak for their node alone, and nobody else does for it', () => {
    const { comes } = keys({ keys: { a: [key(1), key(2)], b: key(3) }, trustOnFirstUse: false });
    expect(['a', 'a', 'a', 'b', 'b'].map((id, index) => comes(id, [1, 2, 3, 3, 1][index] as number))).toEqual([
      'known',
      'known',
      'key-conflict',
      'known',
      'key-conflict',
    ]);
    expect(comes('c', 1)).toBe('unknown-sender');
    expect(comes('__proto__', 1)).toBe('unknown-sender');
  });

  it('can be taken away where they are looked up, and make one key of the runtime although they are made anew', () => {
    let revoked = false;
    const { known, comes } = keys({ keys: () => (revoked ? [] : [key(1)]), trustOnFirstUse: false });
    expect(comes('a', 1)).toBe('known');
    expect((known.find('a', key(1)) as KnownKey).key).toBe((known.find('a', key(1)) as KnownKey).key);
    revoked = true;
    expect(comes('a', 1)).toBe('key-conflict');
  });

  it('that are none refuse their node, and the owner of the look-up hears of it', () => {
    const heard: unknown[] = [];
    const { comes } = keys({ keys: () => 'abc', lookUpFailed: (error) => void heard.push(error) });
    expect(comes('a', 1)).toBe('unknown-sender');
    expect(heard).toHaveLength(1);
  });
});

describe('a node of the space itself', () => {
  it('speaks by its own key from elsewhere too, whatever is pinned or bound', async () => {
    const own = key(1);
    const pair = (answer: Uint8Array | Promise<Uint8Array>) => ({ publicKey: () => answer, sign: () => own });
    const { comes } = keys({ localKeyPair: () => pair(own), keys: { a: key(2) } });
    expect(comes('a', 1)).toBe('known');
    expect(comes('a', 2)).toBe('key-conflict');
    const later = keys({ localKeyPair: () => pair(Promise.resolve(own)) });
    expect(await later.known.find('a', key(1))).toEqual({ key: own, isNew: false });
    await expect(later.known.find('a', key(2))).rejects.toMatchObject({ reason: 'key-conflict' });
  });
});
