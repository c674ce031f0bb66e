import { describe, expect, it } from 'vitest';
import type { HappenEvent } from '../../src/index.js';
import { checkOptions, durationOf, noOptions, priorities } from '../../src/talk/options.js';
import { plainEvent } from '../flow/deliveries.js';

const now = Date.UTC(2026, 0, 1);

function checked(options: unknown) {
  return checkOptions(options as never);
}

function refused(options: unknown): { readonly option: unknown; readonly message: string } {
  try {
    checked(options);
  } catch (error) {
    expect(error).toMatchObject({ name: 'HappenError', code: 'HAPPEN_INVALID_OPTION' });
    const { message, details } = error as { message: string; details: { option?: unknown } };
    expect(message).toContain(`"${String(details.option)}"`);
    return { option: details.option, message };
  }
  throw new Error(`${JSON.stringify(options)} were taken`);
}

describe('send options', () => {
  it('have defaults', () => {
    expect(checked(undefined)).toBe(noOptions);
    expect(checked({})).toEqual(noOptions);
    expect(noOptions).toMatchObject({ timeoutMs: 30_000, priority: 0, detached: false });
  });

  it('are put into one form', () => {
    const { signal } = new AbortController();
    const causedBy = plainEvent();
    expect(
      checked({ timeout: '5s', signal, priority: 'high', key: 'k', delay: 250, dedupeKey: 'd', causedBy }),
    ).toEqual({
      timeoutMs: 5000,
      signal,
      priority: 10,
      key: 'k',
      due: { afterMs: 250 },
      dedupeKey: 'd',
      causedBy,
      detached: false,
    });
    expect(checked({ at: new Date(now + 5) }).due).toEqual({ atMs: now + 5 });
    expect(checked({ at: now + 6 }).due).toEqual({ atMs: now + 6 });
    expect(checked({ delay: 0 }).due).toBeUndefined();
    expect(checked({ detached: true }).detached).toBe(true);
    expect(checked({ priority: -3.5 }).priority).toBe(-3.5);
    for (const [word, value] of Object.entries(priorities)) expect(checked({ priority: word }).priority).toBe(value);
    expect(priorities.critical).toBeGreaterThan(priorities.high);
    expect(priorities.normal).toBeGreaterThan(priorities.low);
  });

  it.each<[unknown, string]>([
    [{ key: 'x'.repeat(100_000) }, `found "${'x'.repeat(64)}…".`],
    [{ priority: Number.NaN }, 'found NaN.'],
    [{ timeout: Number.POSITIVE_INFINITY }, 'found Infinity.'],
    [{ causedBy: null }, 'found null.'],
    [null, 'found null.'],
    [[], 'expected an object; found a list.'],
    [{ delay: 1, at: new Date(now) }, 'found a Date.'],
    [{ at: new Date(Number.NaN) }, 'found an invalid Date.'],
  ])('that are wrong are named as what they are, and cut: case %#', (options, ending) => {
    expect(refused(options).message.endsWith(ending), refused(options).message).toBe(true);
  });

  it('that are undefined are as if not given', () => {
    const keys = ['timeout', 'signal', 'priority', 'key', 'delay', 'at', 'dedupeKey', 'causedBy', 'detached'];
    expect(checked(Object.fromEntries(keys.map((key) => [key, undefined])))).toEqual(noOptions);
  });

  const event = plainEvent();
  const broken = (changes: Partial<Record<keyof HappenEvent['context']['causal'], unknown>>): unknown => ({
    ...event,
    context: { ...event.context, causal: { ...event.context.causal, ...changes } },
  });

  it.each<[string, unknown]>([
    ['options', null],
    ['options', 5],
    ['options', 'soon'],
    ['retries', { retries: 3 }],
    ['timeOut', { timeOut: 5 }],
    ['timeout', { timeout: 0 }],
    ['timeout', { timeout: -1 }],
    ['timeout', { timeout: Number.NaN }],
    ['timeout', { timeout: Number.POSITIVE_INFINITY }],
    ['timeout', { timeout: '0s' }],
    ['timeout', { timeout: '5 weeks' }],
    ['timeout', { timeout: '-5s' }],
    ['timeout', { timeout: {} }],
    ['signal', { signal: {} }],
    ['signal', { signal: 'stop' }],
    ['signal', { signal: new AbortController() }],
    ['signal', { signal: null }],
    ['priority', { priority: 'urgent' }],
    ['priority', { priority: 'toString' }],
    ['priority', { priority: Number.NaN }],
    ['priority', { priority: Number.POSITIVE_INFINITY }],
    ['priority', { priority: null }],
    ['key', { key: '' }],
    ['key', { key: 7 }],
    ['dedupeKey', { dedupeKey: '' }],
    ['delay', { delay: -1 }],
    ['delay', { delay: 'a while' }],
    ['at', { at: new Date(Number.NaN) }],
    ['at', { at: '2026-01-01' }],
    ['at', { at: 1, delay: 1 }],
    ['causedBy', { causedBy: 'an id' }],
    ['causedBy', { causedBy: null }],
    ['causedBy', { causedBy: { type: 'order.placed', payload: 1 } }],
    ['causedBy', { causedBy: { type: 'order.placed', context: { causal: { id: 'e' } } } }],
    ['causedBy', { causedBy: broken({ depth: -1 }) }],
    ['causedBy', { causedBy: broken({ depth: undefined }) }],
    ['causedBy', { causedBy: broken({ path: undefined }) }],
    ['causedBy', { causedBy: broken({ path: [['a']] }) }],
    ['causedBy', { causedBy: broken({ correlationId: '' }) }],
    ['causedBy', { causedBy: broken({ sender: 5 }) }],
    ['causedBy', { causedBy: broken({ omittedHops: 'x' }) }],
    ['detached', { detached: true, causedBy: event }],
    ['detached', { detached: 'yes' }],
  ])('%s is refused by its name when it is wrong: %j', (option, options) => {
    expect(refused(options).option).toBe(option);
  });

  it('may hold names of up to 512 characters', () => {
    for (const option of ['key', 'dedupeKey']) {
      expect(checked({ [option]: 'k'.repeat(512) })).toMatchObject({ [option]: 'k'.repeat(512) });
      expect(refused({ [option]: 'k'.repeat(513) }).option).toBe(option);
    }
  });

  it('say what was expected instead', () => {
    expect(refused({ retries: 3 }).message).toContain('one of timeout, signal, priority');
    expect(refused({ timeout: '5 weeks' }).message).toMatch(/milliseconds.*"30s".*found "5 weeks"/);
  });

  it('take a cause that has been stored as JSON and read back', () => {
    const restored = JSON.parse(JSON.stringify(event)) as HappenEvent;
    expect(checked({ causedBy: restored }).causedBy).toBe(restored);
  });
});

describe('a duration', () => {
  it.each([
    [0, 0],
    [1.5, 1.5],
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['30d', 2_592_000_000],
    ['1.5s', 1500],
    [' 10 s ', 10_000],
  ])('%j is %d milliseconds', (written, expected) => {
    expect(durationOf('delay', written)).toBe(expected);
  });

  it.each(['', '5', 's', '5sec', '1e3ms', '.5s', '5S', '٥s'])('%j is none', (written) => {
    expect(() => durationOf('delay', written)).toThrow(/"delay"/);
  });

  it('is finite', () => {
    expect(() => durationOf('delay', `${'9'.repeat(400)}d`)).toThrow(/"delay"/);
  });
});
