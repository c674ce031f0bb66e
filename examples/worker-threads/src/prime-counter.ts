import type { Space } from '@happen/core';

/** What can be asked of the prime counter, and what it answers. */
export interface PrimeEvents {
  'primes.count'(payload: { from: number; below: number }): { count: number; largest: number | null };
}

/** Makes the node that counts primes. It keeps a processor busy for as long as it counts, and knows nothing of threads. */
export function createPrimeCounter({ createNode }: Pick<Space, 'createNode'>): void {
  const counter = createNode<PrimeEvents>('prime-counter');
  counter.on('primes.count', ({ payload: { from, below } }) => {
    let count = 0;
    let largest: number | null = null;
    for (let number = Math.max(2, from); number < below; number++) {
      if (!isPrime(number)) continue;
      count++;
      largest = number;
    }
    return { count, largest };
  });
}

/** By trial division, which is as slow as it should be here. */
function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
}
