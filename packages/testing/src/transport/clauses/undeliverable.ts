import type { Address } from '@happen/core';
import { check, checkEqual } from '../../contract/check.js';
import { type End, toAll, toInstance, toNode } from '../end.js';
import { range } from '../../contract/sample-bytes.js';
import { numbered } from '../frames.js';
import type { TransportDuties } from '../clause.js';
import type { TransportTrial } from '../trial.js';

/** What the host is told of frames that have nobody to go to; and that it is told nothing where the transport can't know. */
export const undeliverableClauses: TransportDuties = {
  'tells of a frame to a node that nobody has attached, if it says so': async (trial) => {
    const [a, b] = await trial.pair();
    await checkTold(trial, a, b, toNode('nobody'));
  },

  'tells of a frame to an instance that nobody has attached, if it says so': async (trial) => {
    const [a, b] = await trial.pair();
    await checkTold(trial, a, b, toInstance('nobody'));
  },

  'tells of a frame to a node that has been detached, if it says so': async (trial) => {
    const [a, b] = await trial.pair();
    const { attachment } = b.attach(toNode('n'));
    await trial.ready();
    attachment.close();
    await trial.ready();
    await checkTold(trial, a, b, toNode('n'));
  },

  'tells of a frame to a node that only the publisher has attached, if it says so': async (trial) => {
    const [a, b] = await trial.pair();
    a.attach(toNode('n'));
    await trial.ready();
    await checkTold(trial, a, b, toNode('n'));
  },

  'tells of a frame to a node whose instance has stopped, if it says so': async (trial) => {
    const [a, b, c] = await trial.trio();
    b.attach(toNode('n'));
    await trial.ready();
    await b.transport.stop();
    await trial.ready(b);
    await checkTold(trial, a, c, toNode('n'));
  },

  'tells of each undeliverable frame once, with the array that was published': async (trial) => {
    const [a, b] = await trial.pair();
    const frames = range(100).map((number) => numbered(number));
    for (const frame of frames) await a.publish(toNode('nobody'), frame);
    const { unreachable, loss } = a.transport.supports;
    const told = (): Uint8Array[] => a.undeliverable.filter(({ to }) => isNode(to, 'nobody')).map(({ frame }) => frame);
    if (unreachable && loss === 'none') {
      await trial.until(
        () => told().length >= frames.length,
        () => `news of ${frames.length} undeliverable frames; of ${told().length} it came`,
      );
    }
    await trial.settle(a, b);
    const strange = told().filter((frame) => !frames.includes(frame));
    check(strange.length === 0, 'what was given back is not the array that was published');
    check(new Set(told()).size === told().length, 'the host was told of a frame more than once');
    checkEqual(
      frames,
      range(100).map((number) => numbered(number)),
      'the published arrays',
    );
  },

  'tells of nothing inside the call of publish': async (trial) => {
    const [a, b] = await trial.pair();
    for (const number of range(100)) await a.publish(toNode('nobody'), numbered(number));
    for (const number of range(100)) void a.publish(toInstance('nobody'), numbered(number));
    await trial.settle(a, b);
    check(a.tooEarly === 0, `the host was told of ${a.tooEarly} frames before \`publish\` had returned`);
  },

  'tells of no frame that was delivered': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox } = b.attach(toNode('n'));
    await trial.ready();
    await trial.transfer({ from: a, to: toNode('n'), inboxes: [inbox], count: 500 });
    await trial.settle(a, b);
    checkEqual(a.undeliverable.filter(({ to }) => isNode(to, 'n')).length, 0, 'the undeliverable frames told');
  },

  'tells of no broadcast': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox } = b.listen('g', ['x']);
    await trial.ready();
    for (const number of range(50)) await a.publish(toAll('nobody.listens'), numbered(number));
    await trial.transfer({ from: a, to: toAll('x'), inboxes: [inbox], count: 50 });
    await trial.settle(a, b);
    checkEqual(
      a.undeliverable.filter(({ to }) => to.kind === 'broadcast').length,
      0,
      'the undeliverable broadcasts told',
    );
  },

  'tells only the publisher': async (trial) => {
    const [a, b] = await trial.pair();
    for (const number of range(20)) await a.publish(toNode('nobody'), numbered(number));
    await trial.settle(a, b);
    await trial.settle(b, a);
    checkEqual(b.undeliverable.filter(({ to }) => isNode(to, 'nobody')).length, 0, 'what another host was told');
  },
};

async function checkTold(trial: TransportTrial, from: End, other: End, to: Address): Promise<void> {
  const { unreachable } = from.transport.supports;
  const told = (): boolean => from.undeliverable.some(({ to: found }) => JSON.stringify(found) === JSON.stringify(to));
  if (unreachable) {
    await trial.arrive(
      from,
      () => from.publish(to, numbered(1)),
      told,
      () => 'news of an undeliverable frame',
    );
    return;
  }
  for (const number of range(20)) await from.publish(to, numbered(number));
  await trial.settle(from, other);
  check(!told(), 'the host was told of an undeliverable frame, though `unreachable` is false');
}

function isNode(to: Address, id: string): boolean {
  return to.kind === 'node' && to.id === id;
}
