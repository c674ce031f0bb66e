import { check, checkEqual, checkRejects } from '../../contract/check.js';
import { type End, toAll, toNode } from '../end.js';
import { numbered } from '../frames.js';
import type { TransportDuty, TransportDuties } from '../clause.js';
import { checkArrivals, checkComplete, checkSingle, type TransportTrial } from '../trial.js';

/** Who gets a broadcast. A transport may hand over more than was asked for, so only what must arrive is looked at. */
export const broadcastClauses: TransportDuties = {
  'hands over broadcasts of an exact type': matching({
    submitted: ['submitted'],
    'order.submitted': ['order.submitted'],
    'a.b.c.d.e.f': ['a.b.c.d.e.f'],
  }),

  'hands over broadcasts that * asks for': matching({
    '*': ['one', 'other'],
    'order.*': ['order.submitted', 'order.x'],
    'user.*.completed': ['user.login.completed'],
    '*.done': ['order.done'],
    '*.*': ['a.b'],
  }),

  'hands over broadcasts that ** asks for, also for no segment': matching({
    '**': ['a', 'a.b', 'a.b.c.d'],
    'order.**': ['order', 'order.a', 'order.a.b.c'],
    '**.failed': ['failed', 'a.failed', 'a.b.c.failed'],
    'a.**.z': ['a.z', 'a.b.z', 'a.b.c.z'],
    '**.x.**': ['x', 'a.x', 'x.a', 'a.b.x.c.d'],
    '*.**': ['a', 'a.b'],
  }),

  'hands over broadcasts of types of any characters': matching(
    Object.fromEntries(
      [
        'with space',
        'ünï.cöde',
        '日本.語',
        'UPPER.lower',
        '$SYS.x',
        '>',
        'a.>',
        'a/b.c\\d',
        '%2E.x',
        'quote\'".x',
        '😀',
      ].map((type) => [type, [type]]),
    ),
  ),

  'hands a broadcast over once, however many patterns of a group match': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox } = b.listen('g', ['order.submitted', 'order.*', '**', '*.submitted', 'order.submitted']);
    await trial.ready();
    await trial.transfer({ from: a, to: toAll('order.submitted'), inboxes: [inbox], count: 100 });
    checkArrivals(inbox.numbers(), 100, a.transport.supports);
  },

  'hands a broadcast to every group, on one instance or on several': async (trial) => {
    const [a, b, c] = await trial.trio();
    const inboxes = [b.listen('one', ['x']).inbox, b.listen('two', ['*']).inbox, c.listen('three', ['**']).inbox];
    await trial.ready();
    await trial.transfer({ from: a, to: toAll('x'), inboxes, count: 100 });
    if (a.transport.supports.loss === 'none') {
      await trial.until(
        () => inboxes.every((inbox) => new Set(inbox.numbers()).size === 100),
        () => `broadcasts at each group: ${inboxes.map((inbox) => new Set(inbox.numbers()).size).join(', ')} of 100`,
      );
    }
    await trial.settle(a, b);
    await trial.settle(a, c);
    for (const inbox of inboxes) checkArrivals(inbox.numbers(), 100, a.transport.supports);
  },

  'hands a broadcast to one instance of each group': async (trial) => {
    const [a, b, c] = await trial.trio();
    const inboxes = [b.listen('g', ['x']).inbox, c.listen('g', ['x']).inbox];
    await trial.ready();
    await trial.transfer({ from: a, to: toAll('x'), inboxes, count: 200 });
    await trial.settle(a, b);
    await trial.settle(a, c);
    const numbers = inboxes.flatMap((inbox) => inbox.numbers());
    checkComplete(numbers, 200, a.transport.supports);
    checkSingle(numbers, a.transport.supports);
  },

  'hands a broadcast to another instance when the publisher listens in the group too': async (trial) => {
    const [a, b] = await trial.pair();
    const own = a.listen('g', ['x']).inbox;
    const { inbox } = b.listen('g', ['x']);
    await trial.ready();
    await trial.transfer({ from: a, to: toAll('x'), inboxes: [inbox], count: 100 });
    checkArrivals(inbox.numbers(), 100, a.transport.supports);
    checkEqual(own.frames.length, 0, 'the broadcasts that came back');
  },

  'keeps the order of broadcasts of one type, if it says so': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox } = b.listen('g', ['order.*']);
    await trial.ready();
    await trial.transfer({ from: a, to: toAll('order.submitted'), inboxes: [inbox], count: 2_000 });
    checkArrivals(inbox.numbers(), 2_000, a.transport.supports);
  },

  'keeps broadcasts and frames to nodes apart': async (trial) => {
    const [a, b] = await trial.pair();
    const node = b.attach(toNode('x')).inbox;
    const { inbox } = b.listen('g', ['x']);
    await trial.ready();
    await trial.transfer({ from: a, to: toAll('x'), inboxes: [inbox], count: 50 });
    await trial.settle(a, b);
    checkEqual(node.frames.length, 0, 'the broadcasts handed to a node');
  },

  'hands over what the new patterns ask for once update has resolved': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox, listener } = b.listen('g', ['before']);
    await trial.ready();
    await trial.transfer({ from: a, to: toAll('before'), inboxes: [inbox], count: 20 });
    for (const type of ['after', 'later']) {
      await trial.within(listener.update([type]), '`update` to resolve');
      inbox.frames.length = 0;
      await trial.transfer({ from: a, to: toAll(type), inboxes: [inbox], count: 20 });
      checkArrivals(inbox.numbers(), 20, a.transport.supports);
    }
  },

  'can listen to nothing, and to something later': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox, listener } = b.listen('g', []);
    await trial.within(listener.update([]), '`update` to resolve');
    await trial.within(listener.update(['x']), '`update` to resolve');
    await trial.transfer({ from: a, to: toAll('x'), inboxes: [inbox], count: 20 });
    checkArrivals(inbox.numbers(), 20, a.transport.supports);
  },

  'hands nothing over once a listener is closed': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox, listener } = b.listen('g', ['x']);
    const { inbox: other } = b.listen('h', ['x']);
    inbox.onFrame = () => listener.close();
    await trial.ready();
    await trial.transfer({ from: a, to: toAll('x'), inboxes: [other], count: 50 });
    await trial.settle(a, b);
    const found = inbox.frames.length;
    check(found === 1, `a listener that its receiver closed at the first frame was handed ${found}`);
  },

  'goes on with the other instance of a group when one has closed its listener': async (trial) => {
    const [a, b, c] = await trial.trio();
    const { listener } = b.listen('g', ['x']);
    const { inbox } = c.listen('g', ['x']);
    await trial.ready();
    listener.close();
    listener.close();
    await trial.ready();
    await trial.transfer({ from: a, to: toAll('x'), inboxes: [inbox], count: 100 });
    checkArrivals(inbox.numbers(), 100, a.transport.supports);
  },

  'update fails with HAPPEN_CLOSED once the listener is closed': async (trial) => {
    const { listener } = (await trial.started()).listen('g', ['x']);
    listener.close();
    await checkRejects(() => listener.update(['y']), 'HAPPEN_CLOSED', '`update` after `close`');
  },

  'update fails with HAPPEN_CLOSED after stop': async (trial) => {
    const end = await trial.started();
    const { listener } = end.listen('g', ['x']);
    await end.transport.stop();
    await checkRejects(() => listener.update(['y']), 'HAPPEN_CLOSED', '`update` after `stop`');
  },
};

/** Each pattern is listened to by a group of its own, and each of its types must reach that group. */
function matching(typesByPattern: Readonly<Record<string, readonly string[]>>): TransportDuty {
  return async (trial) => {
    const [a, b] = await trial.pair();
    const wanted = Object.entries(typesByPattern).map(([pattern, types]) => ({
      pattern,
      types,
      inbox: b.listen(`listens to ${pattern}`, [pattern]).inbox,
    }));
    await trial.ready();
    const types = [...new Set(Object.values(typesByPattern).flat())];
    const missing = (number: number): string[] =>
      wanted
        .filter(({ types: asked, inbox }) => asked.includes(types[number] as string) && !inbox.has(number))
        .map(({ pattern }) => JSON.stringify(pattern));
    for (const number of types.keys()) await reach(trial, a, types[number] as string, number, missing);
    // Where frames may be lost, each was published as often as it took.
    if (a.transport.supports.loss !== 'none') return;
    await trial.settle(a, b);
    for (const { inbox } of wanted) checkSingle(inbox.numbers(), a.transport.supports);
  };
}

async function reach(
  trial: TransportTrial,
  from: End,
  type: string,
  number: number,
  missing: (number: number) => string[],
): Promise<void> {
  await trial.arrive(
    from,
    () => from.publish(toAll(type), numbered(number)),
    () => missing(number).length === 0,
    () => `a broadcast of ${JSON.stringify(type)} to reach who listens to ${missing(number).join(', ')}`,
  );
}
