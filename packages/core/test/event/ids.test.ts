import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex, idSource, randomHex } from '../../src/event/ids.js';
import { hostCrypto } from '../../src/host/node.js';

const uuidVersion7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const start = Date.UTC(2026, 0, 1);

function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

describe('event ids', () => {
  it('are UUIDs of version 7 that hold the time', () => {
    const ids = idSource(hostCrypto);
    for (let ms = start; ms < start + 1000; ms++) {
      const id = ids.text(ids.tick(ms));
      expect(id).toMatch(uuidVersion7);
      expect(timeOf(id)).toBe(ms);
    }
  });

  it('grow as strings, whatever the clock does: stand still, go in fractions, or step back', () => {
    const step = fc.oneof(
      fc.constant(0),
      fc.integer({ min: -10_000, max: 10_000 }),
      fc.double({ min: -1, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 200 }), (steps) => {
        const ids = idSource(hostCrypto);
        let now = start;
        let previous = '';
        for (const change of steps) {
          now += change;
          const id = ids.text(ids.tick(now));
          expect(id).toMatch(uuidVersion7);
          expect(id > previous).toBe(true);
          previous = id;
        }
      }),
    );
  });

  it('go on growing past 4096 in one millisecond, borrowing from the next', () => {
    const ids = idSource(hostCrypto);
    const made = Array.from({ length: 10_000 }, () => ids.text(ids.tick(start)));
    expect([...made].sort()).toEqual(made);
    expect(new Set(made.map(timeOf))).toEqual(new Set([start, start + 1, start + 2]));
    // once the clock has caught up, the time is the clock's again
    expect(timeOf(ids.text(ids.tick(start + 50)))).toBe(start + 50);
  });

  it('are a million different ones in a row', () => {
    const ids = idSource(hostCrypto);
    let previous = '';
    let growing = true;
    const randomParts = new Set<string>();
    for (let i = 0; i < 1_000_000; i++) {
      const id = ids.text(ids.tick(start + Math.floor(i / 1000)));
      growing &&= id > previous;
      previous = id;
      if (i < 100_000) randomParts.add(id.slice(19));
    }
    // strictly growing is all different
    expect(growing).toBe(true);
    expect(randomParts.size).toBe(100_000);
  });

  it('take their random bits fresh from the source, each byte once', () => {
    let drawn = 0;
    const ids = idSource({
      randomBytes(length) {
        const bytes = new Uint8Array(length);
        const view = new DataView(bytes.buffer);
        for (let at = 0; at < length; at += 8) view.setBigUint64(at, BigInt(drawn++));
        return bytes;
      },
    });
    const tick = ids.tick(start);
    const tails = Array.from({ length: 2000 }, () => ids.text(tick).slice(24));
    expect(tails).toEqual(Array.from({ length: 2000 }, (_, i) => i.toString(16).padStart(12, '0')));
  });
});

describe('hexadecimal text', () => {
  it('has two digits for each byte', () => {
    expect(hex(Uint8Array.of(0, 1, 15, 16, 255))).toBe('00010f10ff');
    expect(randomHex(hostCrypto, 16)).toMatch(/^[0-9a-f]{32}$/);
  });
});
