export { type PendingTimer, type VirtualClock, virtualClock } from './clock/virtual-clock.js';
export { type SeededRandom, seededRandom } from './random/seeded-random.js';
