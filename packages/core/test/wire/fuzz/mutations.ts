import type { Random } from './random.js';

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

function join(...parts: (Uint8Array | readonly number[])[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Ends of ranges, in order. */
function range(length: number, random: Random, longest = length): [start: number, end: number] {
  const start = random.below(length);
  return [start, Math.min(length, start + 1 + random.below(longest))];
}

const flipBits: Mutation = (bytes, random) => {
  const changed = bytes.slice();
  for (let flips = 1 + random.below(8); flips > 0 && changed.length > 0; flips--) {
    const at = random.below(changed.length);
    changed[at] = (changed[at] as number) ^ (1 << random.below(8));
  }
  return changed;
};

const changeByte: Mutation = (bytes, random) => {
  const changed = bytes.slice();
  if (changed.length > 0) changed[random.below(changed.length)] = random.below(256);
  return changed;
};

const truncate: Mutation = (bytes, random) => bytes.slice(0, random.below(bytes.length));

const splice: Mutation = (bytes, random, other) => {
  const [start, end] = range(other.length, random);
  const [from, to] = range(bytes.length, random);
  return join(bytes.subarray(0, from), other.subarray(start, end), bytes.subarray(random.below(2) === 0 ? from : to));
};

const remove: Mutation = (bytes, random) => {
  const [start, end] = range(bytes.length, random, 16);
  return join(bytes.subarray(0, start), bytes.subarray(end));
};

const repeat: Mutation = (bytes, random) => {
  const [start, end] = range(bytes.length, random, 64);
  const part = bytes.subarray(start, end);
  return join(bytes.subarray(0, end), ...Array.from({ length: 1 + random.below(20) }, () => part), bytes.subarray(end));
};

/** Makes a header declare more than there is, or just another length. */
const inflate: Mutation = (bytes, random) => {
  const changed = bytes.slice();
  const long = [0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf];
  const start = random.below(changed.length);
  for (let offset = 0; offset < changed.length; offset++) {
    const at = (start + offset) % changed.length;
    const byte = changed[at] as number;
    if (byte >= 0x80 && byte < 0xc0) {
      changed[at] = random.below(2) === 0 ? byte | 0x0f : (byte + 1) & 0xbf;
      break;
    }
    if (long.includes(byte)) {
      for (let index = 1; index <= 4 && at + index < changed.length; index++)
        changed[at + index] = random.pick([0xff, 0x7f, 0x00, 0x01]);
      break;
    }
  }
  return changed;
};

/** Puts nested or endless containers where something else stood. */
const bomb: Mutation = (bytes, random) => {
  const unit = random.pick([
    [0x91],
    [0x81, 0xa1, 0x61],
    [0xdd, 0x00, 0x01, 0x00, 0x00],
    [0xdc, 0xff, 0xff],
    [0xde, 0x00, 0x10],
    [0xc7, 0xff, 0x02],
    [0xc8, 0xff, 0xff, 0x03],
    [0xd8, 0x03, 0x9f],
    [0x90],
    [0x80],
    [0xc0],
    [0xc7, 0x0a, 0x04, 0x95, 0xa1, 0x45, 0xa1, 0x6d, 0xc0, 0xc0, 0xc0],
  ]);
  // Now and then as large as a frame may be.
  const size = random.below(30) === 0 ? 500_000 : random.below(2_000);
  const filling = new Uint8Array(Math.ceil(size / unit.length) * unit.length);
  for (let at = 0; at < filling.length; at++) filling[at] = unit[at % unit.length] as number;
  const count = filling.length / unit.length;
  const header =
    count < 0x10000 ? [0xdc, count >> 8, count & 0xff] : [0xdd, 0, count >> 16, (count >> 8) & 0xff, count & 0xff];
  const at = random.below(bytes.length);
  if (random.below(3) === 0) return join(header, filling);
  return join(bytes.subarray(0, at), random.below(2) === 0 ? header : [], filling, bytes.subarray(at));
};

/** Random bytes behind a sound beginning. */
const noise: Mutation = (bytes, random) => {
  const kept = random.pick([0, 4, 4, 5, random.below(bytes.length)]);
  const rest = new Uint8Array(random.below(400));
  for (let at = 0; at < rest.length; at++) rest[at] = random.below(256);
  return join(bytes.subarray(0, kept), rest);
};

const mutations = [
  flipBits,
  flipBits,
  changeByte,
  changeByte,
  truncate,
  splice,
  remove,
  repeat,
  inflate,
  inflate,
  bomb,
  noise,
];

/** One to three mutations, one after another. */
export function mutate(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  let changed = bytes;
  for (let rounds = random.pick([1, 1, 1, 2, 3]); rounds > 0; rounds--)
    changed = random.pick(mutations)(changed, random, other);
  return changed;
}
