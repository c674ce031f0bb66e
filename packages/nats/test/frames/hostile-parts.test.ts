import { expect, it } from 'vitest';
import { partsOf, readPart, type Part } from '../../src/frames/parts.js';
import { Reassembly } from '../../src/frames/reassembly.js';
import { machineClock } from '../machine-clock.js';

const frame = Uint8Array.from({ length: 10_000 }, (_, at) => at % 251);

function parts(transfer = 1, bytes = frame): Part[] {
  return [...partsOf('node', 'n', transfer, bytes, 1_017)].map((part) => readPart(part) as Part);
}

/** The frame that came of the last part, after the others. */
function joined(reassembly: Reassembly, given: readonly Part[], sender = 'a'): Uint8Array | undefined {
  return given.map((part) => reassembly.take(sender, part)).at(-1)?.frame;
}

it('puts parts together, those of many senders at a time', () => {
  const reassembly = new Reassembly(machineClock, 100_000, () => false);
  const all = parts();
  for (const part of all.slice(0, -1))
    for (const sender of ['a', 'b']) expect(reassembly.take(sender, part)).toBeUndefined();
  for (const sender of ['a', 'b']) expect(reassembly.take(sender, all.at(-1) as Part)?.frame).toEqual(frame);
  expect(reassembly.dropped).toBe(0);
});

it.each<[string, (all: Part[]) => Part[]]>([
  ['one is missing', (all) => all.filter((_, at) => at !== 3)],
  ['one comes twice', (all) => all.flatMap((part, at) => (at === 3 ? [part, part] : [part]))],
  ['two change places', (all) => all.map((part, at) => (at === 3 ? all[4] : at === 4 ? all[3] : part) as Part)],
  ['the first is missing', (all) => all.slice(1)],
  [
    'the length changes on the way',
    (all) => all.map((part, at) => (at === 3 ? { ...part, total: part.total + 1 } : part)),
  ],
  ['the address changes on the way', (all) => all.map((part, at) => (at === 3 ? { ...part, address: 'm' } : part))],
  ['another transfer comes between', (all) => all.map((part, at) => (at === 3 ? { ...part, transfer: 9 } : part))],
  ['it says it is longer than frames may be', (all) => all.map((part) => ({ ...part, total: 4_000_000_000 }))],
])('gives nothing when %s, and takes the next frame', (_, spoilt) => {
  const reassembly = new Reassembly(machineClock, 100_000, () => false);
  expect(joined(reassembly, spoilt(parts()))).toBeUndefined();
  expect(reassembly.dropped).toBeGreaterThan(0);
  expect(joined(reassembly, parts(2))).toEqual(frame);
});

it('takes no more than its bound from all senders together', () => {
  const reassembly = new Reassembly(machineClock, 20_000, () => false);
  const unfinished = parts().slice(0, -1);
  for (let sender = 0; sender < 1_000; sender++) for (const part of unfinished) reassembly.take(`s${sender}`, part);
  // Each has sent nearly 10 000 bytes; there is room for eight such.
  expect(reassembly.dropped).toBeGreaterThan(900);
});

it('takes the frame of a sender at work, however many others a stranger leaves unfinished', () => {
  const reassembly = new Reassembly(machineClock, 20_000, () => false);
  const unfinished = parts().slice(0, -1);
  const leaveUnfinished = (name: string): void => {
    for (const part of unfinished) reassembly.take(name, part);
  };
  for (let sender = 0; sender < 100; sender++) leaveUnfinished(`s${sender}`);
  let whole: Uint8Array | undefined;
  for (const [at, part] of parts().entries()) {
    for (let sender = 0; sender < 5; sender++) leaveUnfinished(`t${at}-${sender}`);
    whole = reassembly.take('honest', part)?.frame;
  }
  expect(whole).toEqual(frame);
});

it('lets senders that nobody knows give way to those that are known', () => {
  const reassembly = new Reassembly(machineClock, 20_000, (sender) => sender === 'known');
  const all = parts();
  const last = all.pop() as Part;
  for (const part of all) reassembly.take('known', part);
  for (let sender = 0; sender < 2_000; sender++) for (const part of all) reassembly.take(`s${sender}`, part);
  expect(reassembly.take('known', last)?.frame).toEqual(frame);
});

it('keeps the place of a known sender among more names than it keeps', () => {
  const reassembly = new Reassembly(machineClock, 100_000_000, (sender) => sender === 'known');
  const all = parts();
  const last = all.pop() as Part;
  for (const part of all) reassembly.take('known', part);
  for (let sender = 0; sender < 3_000; sender++) reassembly.take(`s${sender}`, all[0] as Part);
  expect(reassembly.take('known', last)?.frame).toEqual(frame);
});

it('reads no part from bytes that are none, whatever they are', () => {
  const [first] = [...partsOf('node', 'n', 1, frame, 1_017)];
  for (let length = 0; length < 17; length++)
    expect(readPart((first as Uint8Array).subarray(0, length))).toBeUndefined();
  for (let at = 0; at < 16; at++) {
    for (const value of [0, 1, 127, 255]) {
      const bytes = (first as Uint8Array).slice();
      bytes[at] = value;
      expect(() => readPart(bytes)).not.toThrow();
    }
  }
});
