import { silentLogger } from '@happen/core';
import type { PresenceHost } from '../../src/directory/presence.js';
import { machineClock } from '../machine-clock.js';

/** What a directory needs of an instance, `here` unless said otherwise, that does nothing but what is given. */
export function silentHost(given: Partial<PresenceHost> = {}): PresenceHost {
  return {
    instance: 'here',
    clock: machineClock,
    logger: silentLogger,
    announce() {},
    longest: () => 1_048_576,
    ask() {},
    gone() {},
    conflict() {},
    awaitedNoMore() {},
    prove() {},
    ...given,
  };
}
