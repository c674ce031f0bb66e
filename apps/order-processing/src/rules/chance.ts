import { createHash } from 'node:crypto';

/** Decides whether something happens to an order. The same order always gets the same answer. */
export type Chance = (orderId: number) => boolean;

/**
 * Chance by arithmetic: the first six bytes of SHA-256(`<seed>:<occasion>:<orderId>`), read as a fraction of 2^48, lie below
 * the rate. So a run can be repeated, and what happens to an order depends neither on the other orders nor on how many are
 * handled at once.
 *
 * @param rate from 0 (never) to 1 (always)
 * @param occasion what might happen; two occasions of one order are independent of each other
 */
export function seededChance(seed: string, occasion: string, rate: number): Chance {
  if (rate <= 0) return () => false;
  const limit = rate * 2 ** 48;
  return (orderId) => createHash('sha256').update(`${seed}:${occasion}:${orderId}`).digest().readUIntBE(0, 6) < limit;
}
