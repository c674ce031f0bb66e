import type { Transport } from '@happen/core';
import { check, checkEqual, checkRejects, checkThrows } from '../../contract/check.js';
import { pause } from '../../contract/wait.js';
import { End, toAll, toNode } from '../end.js';
import { range } from '../../contract/sample-bytes.js';
import { numbered } from '../frames.js';
import type { TransportDuty, TransportDuties } from '../clause.js';
import { checkArrivals } from '../trial.js';

const operations: Readonly<Record<string, (transport: Transport) => Promise<void>>> = {
  publish: async (transport) => {
    await checkRejects(() => transport.publish(toNode('n'), numbered(1)), 'HAPPEN_CLOSED', '`publish` to a node');
    await checkRejects(() => transport.publish(toAll('x'), numbered(1)), 'HAPPEN_CLOSED', '`publish` to all');
  },
  attach: async (transport) => {
    checkThrows(() => transport.attach(toNode('n'), () => {}), 'HAPPEN_CLOSED', '`attach`');
  },
  listen: async (transport) => {
    checkThrows(() => transport.listen('g', ['x'], () => {}), 'HAPPEN_CLOSED', '`listen`');
  },
};

/** Starting, stopping, and what is refused outside. */
export const lifecycleClauses: TransportDuties = {
  ...forEachOperation('before start', async (trial, operation) => {
    await operation(await trial.join());
  }),

  ...forEachOperation('while stopping', async (trial, operation) => {
    const { transport } = await trial.started();
    const stopped = transport.stop();
    await operation(transport);
    await trial.within(stopped, '`stop` to resolve');
  }),

  ...forEachOperation('after stop', async (trial, operation) => {
    const { transport } = await trial.started();
    await trial.within(transport.stop(), '`stop` to resolve');
    await operation(transport);
  }),

  'can be stopped twice, also at the same time': async (trial) => {
    const { transport } = await trial.started();
    await trial.within(Promise.all([transport.stop(), transport.stop()]), 'both calls of `stop` to resolve');
    await trial.within(transport.stop(), '`stop` to resolve again');
  },

  'can be stopped before it is started, and is not started then': async (trial) => {
    const transport = await trial.join();
    await trial.within(transport.stop(), '`stop` to resolve');
    const end = new End(transport, 'late');
    await checkRejects(() => end.connect(), 'HAPPEN_CLOSED', '`start` after `stop`');
  },

  'tells connected by the time it has started and closed by the time it has stopped': async (trial) => {
    const end = await trial.started();
    checkEqual(end.status, ['connected'], 'the statuses told by the end of `start`');
    await end.transport.stop();
    checkEqual(end.status, ['connected', 'closed'], 'the statuses told by the end of `stop`');
  },

  'tells its host nothing after stop': async (trial) => {
    const [a, b, c] = await trial.trio();
    void a.publish(toNode('nobody'), numbered(1)).catch(() => {});
    await a.transport.stop();
    const told = [a.status.length, a.undeliverable.length];
    await a.transport.stop();
    // What a timer or a socket still had to tell comes before a timer set now.
    await pause(2);
    await trial.settle(b, c);
    await trial.settle(c, b);
    checkEqual([a.status.length, a.undeliverable.length], told, 'the number of statuses and undeliverables told');
  },

  'lets the frames it has taken leave before it stops': async (trial) => {
    const count = 1_000;
    const [a, b] = await trial.pair();
    const { inbox } = b.attach(toNode('n'));
    await trial.ready();
    const published = Promise.allSettled(range(count).map((number) => a.publish(toNode('n'), numbered(number))));
    await trial.within(a.transport.stop(), '`stop` to resolve');
    const failed = (await trial.within(published, 'every `publish` to settle')).filter(
      ({ status }) => status === 'rejected',
    );
    check(failed.length === 0, `${failed.length} of ${count} frames published before \`stop\` were refused`);
    if (a.transport.supports.loss !== 'none') return;
    await trial.until(
      () => new Set(inbox.numbers()).size === count,
      () => `frames published before \`stop\`: ${new Set(inbox.numbers()).size} of ${count} arrived`,
    );
    checkArrivals(inbox.numbers(), count, a.transport.supports);
  },

  'hands nothing over after stop': async (trial) => {
    const [a, b, c] = await trial.trio();
    const { inbox } = b.attach(toNode('n'));
    const { inbox: heard } = b.listen('g', ['x']);
    await trial.ready();
    const publishAll = (): void => {
      for (const number of range(100)) {
        void a.publish(toNode('n'), numbered(number)).catch(() => {});
        void a.publish(toAll('x'), numbered(number)).catch(() => {});
      }
    };
    publishAll();
    await trial.within(b.transport.stop(), '`stop` to resolve');
    const before = [inbox.frames.length, heard.frames.length];
    publishAll();
    await trial.settle(a, c);
    await trial.settle(c, a);
    checkEqual([inbox.frames.length, heard.frames.length], before, 'the frames a stopped transport had handed over');
  },

  'lets attachments be closed after stop': async (trial) => {
    const end = await trial.started();
    const { attachment } = end.attach(toNode('n'));
    const { listener } = end.listen('g', ['x']);
    await end.transport.stop();
    attachment.close();
    listener.close();
  },

  'goes on among the others when one end has stopped': async (trial) => {
    const [a, b, c] = await trial.trio();
    const { inbox } = c.attach(toNode('n'));
    await trial.ready();
    await b.transport.stop();
    await trial.transfer({ from: a, to: toNode('n'), inboxes: [inbox], count: 100 });
    checkArrivals(inbox.numbers(), 100, a.transport.supports);
  },
};

function forEachOperation(
  when: string,
  clause: (trial: Parameters<TransportDuty>[0], operation: (transport: Transport) => Promise<void>) => Promise<void>,
): TransportDuties {
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]): [string, TransportDuty] => [
      `${name} fails with HAPPEN_CLOSED ${when}`,
      (trial) => clause(trial, operation),
    ]),
  );
}
