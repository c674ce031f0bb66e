import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isHappenError } from '../../../src/errors/happen-error.js';
import { errorFromWire } from '../../../src/wire/error-encoding.js';
import { decodeEvent } from '../../../src/wire/event-encoding.js';
import { decodeFrame, encodeFrame } from '../../../src/wire/frame.js';
import type { EncodedEvent } from '../../../src/wire/messages.js';
import { decodePayload, encodePayload } from '../../../src/wire/payload-encoding.js';
import { sha256 } from '../samples.js';
import { deliver, events, frames, payloads } from './corpus.js';
import { mutate } from './mutations.js';
import { Random } from './random.js';

/** What a run found. */
export interface FuzzReport {
  frames: number;
  bytes: number;
  /** Frames that were sound in spite of the mutation. */
  taken: number;
  /** Events and payloads that were read in full. */
  values: number;
  /** How often each reason was given. */
  refused: Record<string, number>;
  slowestMs: number;
  /** The most that heap and array buffers were above the start, the garbage of some frames included. */
  heapGrowthBytes: number;
  /** How much of it was still there at the end, without the garbage. */
  keptBytes: number;
  /** What should not have happened, with the bytes that made it happen. */
  faults: { problem: string; hex: string }[];
}

const slowMs = 50;
const collectBytes = 24 * 2 ** 20;

/** Decodes so many mutated frames; the seed repeats a run. */
export function fuzzFrames(count: number, seed: number): FuzzReport {
  const random = new Random(seed);
  const report: FuzzReport = {
    frames: 0,
    bytes: 0,
    taken: 0,
    values: 0,
    refused: {},
    slowestMs: 0,
    heapGrowthBytes: 0,
    keptBytes: 0,
    faults: [],
  };
  // The first pass compiles and fills caches.
  for (const frame of frames) decodeAll(frame, { ...report, refused: {} });
  const collectGarbage = exposeGarbageCollection();
  collectGarbage();
  const startBytes = memoryBytes();
  for (let index = 0; index < count && report.faults.length < 10; index++) {
    const frame = mutatedFrame(random);
    report.frames++;
    report.bytes += frame.length;
    const ms = time(() => {
      try {
        decodeAll(frame, report);
      } catch (error) {
        report.faults.push({ problem: error instanceof Error ? `${error.stack}` : String(error), hex: hexOf(frame) });
      }
    });
    report.slowestMs = Math.max(report.slowestMs, ms);
    if (ms > slowMs) report.faults.push({ problem: `took ${ms} ms`, hex: hexOf(frame) });
    if (index % 64 === 0 || frame.length > 100_000) {
      const growth = memoryBytes() - startBytes;
      report.heapGrowthBytes = Math.max(report.heapGrowthBytes, growth);
      // Or else what grows would be what the runtime has not yet felt like collecting.
      if (growth > collectBytes) collectGarbage();
    }
  }
  collectGarbage();
  report.keptBytes = memoryBytes() - startBytes;
  return report;
}

/** Mutates a frame, or what a frame holds, so that the frame around it is sound. */
function mutatedFrame(random: Random): Uint8Array {
  switch (random.below(4)) {
    case 0: {
      const { bytes, hash, integrity } = random.pick(events);
      const changed = mutate(bytes, random, random.pick(events).bytes);
      return frameOf({ bytes: changed, hash: random.below(2) === 0 ? sha256(changed) : hash, integrity });
    }
    case 1: {
      const value = mutate(random.pick(payloads), random, random.pick(payloads));
      return encodeFrame({ from: 'instance', sequence: 1, messages: [{ kind: 'reply', request: 1, value }] });
    }
    default:
      return mutate(random.pick(frames), random, random.pick(frames));
  }
}

function frameOf(event: EncodedEvent): Uint8Array {
  return encodeFrame({ from: 'instance', sequence: 1, messages: [deliver([event])] });
}

/** Does with a frame all that a receiver does; throws for anything but the two codes that bytes may be refused with. */
function decodeAll(bytes: Uint8Array, report: FuzzReport): void {
  const frame = guard(report, () => decodeFrame(bytes));
  if (frame === undefined) return;
  report.taken++;
  if (encodeFrame(frame).length !== bytes.length)
    throw new Error('A frame was taken that would not be written like this.');
  for (const message of frame.messages) {
    if (message.kind === 'failure') errorFromWire(message.error);
    if (message.kind === 'reply') readAgain(report, message.value);
    if (message.kind !== 'deliver') continue;
    for (const event of message.events) {
      // Where the hash tells of the mutation, it would never be looked at: then once more, with a hash that fits.
      const mismatches = report.refused['hash'] ?? 0;
      const read = guard(report, () => decodeEvent(event, sha256));
      const isHidden = (report.refused['hash'] ?? 0) > mismatches;
      if ((isHidden ? guard(report, () => decodeEvent(event, () => event.hash)) : read) !== undefined) report.values++;
    }
  }
}

function readAgain(report: FuzzReport, bytes: Uint8Array): void {
  const value = guard(report, () => ({ read: decodePayload(bytes) }));
  if (value === undefined) return;
  report.values++;
  if (encodePayload(value.read).length !== bytes.length)
    throw new Error('A payload was taken that would not be written like this.');
}

function guard<T>(report: FuzzReport, run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    const isRefusal = isHappenError(error, 'HAPPEN_MALFORMED_FRAME') || isHappenError(error, 'HAPPEN_HASH_MISMATCH');
    if (!isRefusal) throw error;
    const reason = error.code === 'HAPPEN_HASH_MISMATCH' ? 'hash' : String(error.details['reason']);
    report.refused[reason] = (report.refused[reason] ?? 0) + 1;
    return undefined;
  }
}

/** Milliseconds it takes; the least of several when it seems to take long, since a busy machine is not the decoder's fault. */
function time(run: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 10 && least > slowMs; attempt++) {
    const start = performance.now();
    run();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

function memoryBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function exposeGarbageCollection(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

function hexOf(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return hex.length > 4_000 ? `${hex.slice(0, 4_000)}… (${bytes.length} bytes)` : hex;
}
