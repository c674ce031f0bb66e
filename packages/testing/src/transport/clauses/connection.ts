import { isHappenError } from '@happen/core';
import { check } from '../../contract/check.js';
import { type End, toAll, toNode } from '../end.js';
import { range } from '../../contract/sample-bytes.js';
import { numbered } from '../frames.js';
import type { TransportDuties } from '../clause.js';
import { checkArrivals, type TransportTrial } from '../trial.js';

/** What happens when the connection fails. They need the network's `interrupt`. */
export const connectionClauses: TransportDuties = {
  'tells its host when the connection is lost and when it is back': async (trial) => {
    const [a] = await trial.pair();
    const restore = await trial.interrupt(a);
    await lost(trial, a);
    await restore();
    await back(trial, a);
    const connected = a.status.indexOf('connected');
    const disconnected = a.status.indexOf('disconnected');
    const reconnected = a.status.indexOf('reconnected');
    check(connected < disconnected && disconnected < reconnected, `the statuses came as ${a.status.join(', ')}`);
  },

  'keeps what is published while disconnected, or refuses it with HAPPEN_DISCONNECTED': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox } = b.attach(toNode('n'));
    await trial.ready();
    const restore = await trial.interrupt(a);
    await lost(trial, a);
    const kept = new Set<number>();
    let pending = 0;
    const wrong: unknown[] = [];
    for (const number of range(50)) {
      pending++;
      a.publish(toNode('n'), numbered(number)).then(
        () => {
          pending--;
          kept.add(number);
        },
        (error: unknown) => {
          pending--;
          if (!isHappenError(error, 'HAPPEN_DISCONNECTED')) wrong.push(error);
        },
      );
    }
    await restore();
    await back(trial, a);
    await trial.until(
      () => pending === 0,
      () => 'every `publish` to settle',
    );
    check(wrong.length === 0, `\`publish\` rejected with ${String(wrong[0])} while disconnected`);
    if (a.transport.supports.loss !== 'none') return;
    await trial.until(
      () => [...kept].every((number) => inbox.has(number)),
      () => `the ${kept.size} frames that were taken while disconnected`,
    );
  },

  'goes on with what was attached before, once the connection is back': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox } = b.attach(toNode('n'));
    const { inbox: heard } = b.listen('g', ['x']);
    await trial.ready();
    for (const end of [b, a]) {
      const restore = await trial.interrupt(end);
      await lost(trial, end);
      await restore();
      await back(trial, end);
    }
    await trial.ready();
    inbox.frames.length = 0;
    await trial.transfer({ from: a, to: toNode('n'), inboxes: [inbox], count: 50 });
    checkArrivals(inbox.numbers(), 50, a.transport.supports);
    await trial.transfer({ from: a, to: toAll('x'), inboxes: [heard], count: 50 });
    checkArrivals(heard.numbers(), 50, a.transport.supports);
  },

  'can be stopped while disconnected': async (trial) => {
    const [a] = await trial.pair();
    const restore = await trial.interrupt(a);
    await lost(trial, a);
    await trial.within(a.transport.stop(), '`stop` to resolve while disconnected');
    check(a.status.at(-1) === 'closed', `the statuses came as ${a.status.join(', ')}`);
    await restore();
  },
};

function lost(trial: TransportTrial, end: End): Promise<void> {
  return trial.until(
    () => end.status.includes('disconnected'),
    () => '`disconnected` to be told',
  );
}

function back(trial: TransportTrial, end: End): Promise<void> {
  return trial.until(
    () => end.status.at(-1) === 'reconnected',
    () => '`reconnected` to be told',
  );
}
