import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/host/system-clock.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the system clock', () => {
  it("tells the machine's time", () => {
    vi.setSystemTime(1_800_000_000_000);
    expect(systemClock.now()).toBe(1_800_000_000_000);
  });

  it('runs a timer once, not before its delay, those of one moment in order', () => {
    const ran: string[] = [];
    systemClock.setTimer(100, () => void ran.push('first'));
    systemClock.setTimer(100, () => void ran.push('second'));
    systemClock.setTimer(50, () => void ran.push('earlier'));
    systemClock.setTimer(-5, () => void ran.push('at once'));
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(99);
    expect(ran).toEqual(['at once', 'earlier']);
    vi.advanceTimersByTime(1000);
    expect(ran).toEqual(['at once', 'earlier', 'first', 'second']);
  });

  it('waits for longer than a timer of the runtime can, and can be stopped at any part of it', () => {
    const sixtyDays = 60 * 86_400_000;
    const ran = vi.fn();
    const stopped = vi.fn();
    systemClock.setTimer(sixtyDays, ran);
    const timer = systemClock.setTimer(sixtyDays, stopped);
    vi.advanceTimersByTime(sixtyDays - 1);
    expect(ran).not.toHaveBeenCalled();
    timer.clear();
    vi.advanceTimersByTime(1);
    expect(ran).toHaveBeenCalledTimes(1);
    expect(stopped).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends a timer for good, also twice and after it ran', () => {
    const ran = vi.fn();
    const timer = systemClock.setTimer(10, ran);
    timer.clear();
    timer.clear();
    const other = systemClock.setTimer(10, ran);
    vi.advanceTimersByTime(20);
    other.clear();
    expect(ran).toHaveBeenCalledTimes(1);
  });

  it('keeps the process alive for a timer, but not for one in the background', () => {
    vi.useRealTimers();
    const held = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = held();
    const background = systemClock.setTimer(60_000, () => {}, true);
    expect(held()).toBe(before);
    const foreground = systemClock.setTimer(60_000, () => {});
    expect(held()).toBe(before + 1);
    background.clear();
    foreground.clear();
  });
});
