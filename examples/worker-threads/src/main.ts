import { performance } from 'node:perf_hooks';
import type { PrimeEvents } from './prime-counter.js';
import { inAWorker, inThisThread, type Wiring } from './wirings.js';

const ranges = Array.from({ length: 20 }, (_, index) => ({ from: index * 50_000, below: (index + 1) * 50_000 }));

/** What a wiring came to. */
interface Outcome {
  readonly answers: readonly unknown[];
  /** The part of the time in which this thread's event loop was busy and could do nothing else: 0 to 1. */
  readonly busy: number;
}

/** The code that asks is the same for both. */
async function count({ happen, close }: Wiring): Promise<Outcome> {
  const asker = happen.createNode('asker');
  const counter = happen.node<PrimeEvents>('prime-counter');
  await asker.send(counter, { type: 'primes.count', payload: { from: 0, below: 10 } });
  const before = performance.eventLoopUtilization();
  const answers: unknown[] = [];
  for (const payload of ranges) {
    answers.push(await asker.send(counter, { type: 'primes.count', payload }));
    // Whatever else this thread has to do gets its turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const busy = performance.eventLoopUtilization(before).utilization;
  await close();
  return { answers, busy };
}

const outcomes = { inThisThread: await count(inThisThread()), inAWorker: await count(inAWorker()) };

if (process.argv.includes('--json')) console.log(JSON.stringify(outcomes));
else {
  for (const [name, { answers, busy }] of Object.entries(outcomes)) {
    const primes = (answers as { count: number }[]).reduce((sum, answer) => sum + answer.count, 0);
    console.log(`${name.padEnd(12)}  ${primes} primes; this thread was busy ${Math.round(busy * 100)} % of the time`);
  }
}
