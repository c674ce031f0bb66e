import { talkingSuite } from './suite.js';
import { twoEndsOfAChannel, type WorldSettings } from './worlds.js';

/** Both kinds of tracking, and what crosses a thread must be copied anyway. */
const settings: readonly WorldSettings[] = [
  { tracking: 'automatic', isolation: 'freeze' },
  { tracking: 'explicit', isolation: 'copy' },
];

for (const one of settings) {
  talkingSuite(
    `between the two ends of a message channel, tracking ${one.tracking}, isolation ${one.isolation}`,
    twoEndsOfAChannel(one),
  );
}
