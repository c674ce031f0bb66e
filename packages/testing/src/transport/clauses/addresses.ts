import { check, checkEqual } from '../../contract/check.js';
import { toAll, toInstance, toNode } from '../end.js';
import { range } from '../../contract/sample-bytes.js';
import { numbered } from '../frames.js';
import type { TransportDuties } from '../clause.js';
import { checkArrivals, checkComplete, checkSingle } from '../trial.js';
import { unusualNames } from '../../contract/unusual-names.js';

/** Who gets a frame that is addressed to a node or an instance. */
export const addressClauses: TransportDuties = {
  'hands a frame to the node it is addressed to, and to nothing else': async (trial) => {
    const [a, b] = await trial.pair();
    const node = b.attach(toNode('one')).inbox;
    const others = [
      b.attach(toNode('two')).inbox,
      b.attach(toInstance('one')).inbox,
      b.listen('one', ['one', '**']).inbox,
      b.attach(toNode('on')).inbox,
      b.attach(toNode('one.two')).inbox,
    ];
    await trial.ready();
    await trial.transfer({ from: a, to: toNode('one'), inboxes: [node], count: 50 });
    await trial.settle(a, b);
    checkArrivals(node.numbers(), 50, a.transport.supports);
    checkEqual(
      others.map(({ frames }) => frames.length),
      [0, 0, 0, 0, 0],
      'the frames that others got',
    );
  },

  'hands a frame to the instance it is addressed to, and to nothing else': async (trial) => {
    const [a, b] = await trial.pair();
    const instance = b.attach(toInstance('one')).inbox;
    const others = [b.attach(toInstance('two')).inbox, b.attach(toNode('one')).inbox, b.listen('one', ['**']).inbox];
    await trial.ready();
    await trial.transfer({ from: a, to: toInstance('one'), inboxes: [instance], count: 50 });
    await trial.settle(a, b);
    checkArrivals(instance.numbers(), 50, a.transport.supports);
    checkEqual(
      others.map(({ frames }) => frames.length),
      [0, 0, 0],
      'the frames that others got',
    );
  },

  'tells ids of any characters apart': async (trial) => {
    const [a, b] = await trial.pair();
    const inboxes = unusualNames.map((id) => b.attach(toNode(id)).inbox);
    await trial.ready();
    for (const [number, id] of unusualNames.entries()) {
      // Three, since ids that are taken for one may get them in turns.
      for (const time of [1, 2, 3]) {
        await trial.arrive(
          a,
          () => a.publish(toNode(id), numbered(number)),
          () => (inboxes[number]?.frames.length ?? 0) >= time,
          () => `a frame to the node ${JSON.stringify(id)}`,
        );
      }
    }
    await trial.settle(a, b);
    for (const [number, inbox] of inboxes.entries()) {
      checkEqual(
        [...new Set(inbox.numbers())],
        [number],
        `the frames of the node ${JSON.stringify(unusualNames[number])}`,
      );
    }
  },

  'hands a frame to one of the instances that have attached the node': async (trial) => {
    const [a, b, c] = await trial.trio();
    const inboxes = [b.attach(toNode('n')).inbox, c.attach(toNode('n')).inbox];
    await trial.ready();
    await trial.transfer({ from: a, to: toNode('n'), inboxes, count: 200 });
    await trial.settle(a, b);
    await trial.settle(a, c);
    const numbers = inboxes.flatMap((inbox) => inbox.numbers());
    checkComplete(numbers, 200, a.transport.supports);
    checkSingle(numbers, a.transport.supports);
  },

  'never hands a frame to the instance that published it': async (trial) => {
    const [a, b] = await trial.pair();
    const own = [
      a.attach(toNode('n')).inbox,
      a.attach(toNode('only here')).inbox,
      a.attach(toInstance('only here')).inbox,
      a.listen('group at a', ['x']).inbox,
      a.listen('both', ['x']).inbox,
    ];
    const other = b.attach(toNode('n')).inbox;
    const heard = b.listen('both', ['x']).inbox;
    await trial.ready();
    for (const number of range(50)) {
      await a.publish(toNode('only here'), numbered(number));
      await a.publish(toInstance('only here'), numbered(number));
    }
    await trial.transfer({ from: a, to: toNode('n'), inboxes: [other], count: 50 });
    await trial.transfer({ from: a, to: toAll('x'), inboxes: [heard], count: 50 });
    await trial.ready();
    checkEqual(
      own.map(({ frames }) => frames.length),
      [0, 0, 0, 0, 0],
      'the frames that came back',
    );
  },

  'hands a frame to another instance when the publisher has attached the node too': async (trial) => {
    const [a, b] = await trial.pair();
    a.attach(toNode('n'));
    const { inbox } = b.attach(toNode('n'));
    await trial.ready();
    await trial.transfer({ from: a, to: toNode('n'), inboxes: [inbox], count: 100 });
    checkArrivals(inbox.numbers(), 100, a.transport.supports);
  },

  'hands nothing over once an attachment is closed': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox, attachment } = b.attach(toNode('n'));
    inbox.onFrame = () => attachment.close();
    await trial.ready();
    await trial.arrive(
      a,
      async () => void (await Promise.all(range(50).map((number) => a.publish(toNode('n'), numbered(number))))),
      () => inbox.frames.length > 0,
      () => 'the first frame',
    );
    await trial.settle(a, b);
    const handedOver = 'the frames handed over to an attachment that its receiver closed at the first';
    checkEqual(inbox.frames.length, 1, handedOver);
    const again = b.attach(toNode('n')).inbox;
    await trial.ready();
    await trial.transfer({ from: a, to: toNode('n'), inboxes: [again], count: 50 });
    checkEqual(inbox.frames.length, 1, handedOver);
  },

  'does not close a later attachment when one is closed twice': async (trial) => {
    const [a, b] = await trial.pair();
    const first = b.attach(toNode('n'));
    first.attachment.close();
    const { inbox } = b.attach(toNode('n'));
    first.attachment.close();
    await trial.ready();
    await trial.transfer({ from: a, to: toNode('n'), inboxes: [inbox], count: 50 });
    checkArrivals(inbox.numbers(), 50, a.transport.supports);
  },

  'goes on with the other instance when one has closed its attachment': async (trial) => {
    const [a, b, c] = await trial.trio();
    const { inbox: gone, attachment } = b.attach(toNode('n'));
    const { inbox } = c.attach(toNode('n'));
    await trial.ready();
    attachment.close();
    await trial.ready();
    await trial.transfer({ from: a, to: toNode('n'), inboxes: [inbox], count: 100 });
    checkArrivals(inbox.numbers(), 100, a.transport.supports);
    checkEqual(gone.frames.length, 0, 'the frames handed over to the closed attachment');
  },

  'lets a node move to another instance': async (trial) => {
    const [a, b, c] = await trial.trio();
    const { inbox: before, attachment } = b.attach(toNode('n'));
    await trial.ready();
    await trial.transfer({ from: a, to: toNode('n'), inboxes: [before], count: 20 });
    attachment.close();
    const { inbox: after } = c.attach(toNode('n'));
    await trial.ready();
    await trial.transfer({ from: a, to: toNode('n'), inboxes: [after], count: 20 });
    checkArrivals(after.numbers(), 20, a.transport.supports);
    check(before.numbers().length > 0, 'the node was reached before it moved');
  },
};
