import { describe, expect, it } from 'vitest';
import type { HappenError } from '../../src/errors/happen-error.js';
import { ExtensionFailures } from '../../src/extension/extension-failures.js';

/** What is told, by a clock that is set by hand. */
function failures() {
  const told: HappenError[] = [];
  const clock = { time: 5_000, monotonic: () => clock.time };
  const failing = new ExtensionFailures(clock, (error) => told.push(error));
  const fail = (hook = 'flow.ended', extension = 'tracing'): void =>
    failing.add(extension, hook, new Error('full'), 'node', undefined);
  return { told, clock, fail, failing };
}

describe('the failures of hooks', () => {
  it('are told with the extension, the hook and what was thrown', () => {
    const { told, fail } = failures();
    fail();
    expect(told).toMatchObject([
      {
        code: 'HAPPEN_EXTENSION_FAILED',
        cause: { message: 'full' },
        details: { extension: 'tracing', hook: 'flow.ended', node: 'node', untold: 0 },
      },
    ]);
  });

  it('are told once in a second for each hook, with the number of those left out', () => {
    const { told, clock, fail } = failures();
    for (let i = 0; i < 1_000; i++) fail();
    fail('flow.within');
    fail('flow.ended', 'other');
    clock.time += 999;
    fail();
    expect(told).toHaveLength(3);
    clock.time += 1;
    fail();
    expect(told.map(({ details }) => details?.['untold'])).toEqual([0, 0, 0, 1_000]);
  });

  it('include the rejections of hooks that are async functions', async () => {
    const { told, failing } = failures();
    failing.watch(Promise.reject(new Error('later')), 'tracing', 'flow.ended', 'node', undefined);
    failing.watch(undefined, 'tracing', 'flow.ended', 'node', undefined);
    await Promise.resolve();
    expect(told.map(({ cause }) => cause)).toEqual([new Error('later')]);
  });
});
