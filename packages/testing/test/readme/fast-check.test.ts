import { simulate } from '@happen/testing';
import { faults, script, seed } from '@happen/testing/fast-check';
import fc from 'fast-check';
import { it } from 'vitest';
import { wireCounter } from './my-counter.js';

const visits = script({
  senders: ['door', 'gate'],
  targets: ['counter'],
  events: { visited: fc.record({ visit: fc.nat(20) }) },
});

it('never counts more visits than there were, whoever comes when', async () => {
  await fc.assert(
    fc.asyncProperty(seed(), faults(), visits, async (seed, faults, steps) => {
      await simulate({ seeds: [seed], faults, repeat: 'none', shrink: false }, async ({ space, sleep, always }) => {
        const counter = space('counter', ({ open }) => wireCounter(open()));
        const entrances = space('entrances', ({ open }) => {
          const happen = open();
          return { door: happen.createNode('door'), gate: happen.createNode('gate') };
        });
        always(
          'no visit counts twice',
          () => counter.current.visits <= new Set(steps.map((step) => step.payload)).size,
        );

        for (const { afterMs, sender, target, type, payload } of steps) {
          await sleep(afterMs);
          entrances.current[sender as 'door' | 'gate'].send(target ?? '', { type, payload });
        }
      });
    }),
  );
});
