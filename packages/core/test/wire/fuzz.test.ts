import { expect, test } from 'vitest';
import { fuzzFrames } from './fuzz/fuzz-frames.js';

test('30 000 mutated frames are refused or read, each at once, with the right errors and without growing memory', () => {
  const report = fuzzFrames(30_000, 20_251_121);
  expect(report.faults).toEqual([]);
  expect(report.frames).toBe(30_000);
  expect(report.heapGrowthBytes).toBeLessThan(64 * 2 ** 20);
  expect(report.keptBytes).toBeLessThan(32 * 2 ** 20);
  // The mutations reach every part: each reason was given, and enough came through to be read.
  const reasons = [
    'magic',
    'version',
    'flags',
    'truncated',
    'trailing',
    'depth',
    'items',
    'utf8',
    'keys',
    'form',
    'extension',
    'schema',
    'hash',
  ];
  expect(reasons.filter((reason) => report.refused[reason] === undefined)).toEqual([]);
  expect(report.values).toBeGreaterThan(1_000);
}, 60_000);
