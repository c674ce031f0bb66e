import { check, checkEqual, sameBytes } from '../../contract/check.js';
import { toAll, toInstance, toNode } from '../end.js';
import { patterned, range, SharingSlices } from '../../contract/sample-bytes.js';
import { numbered } from '../frames.js';
import { Inbox } from '../inbox.js';
import type { TransportDuties } from '../clause.js';

const sizes = [
  0, 1, 2, 3, 4, 7, 8, 9, 63, 64, 65, 125, 126, 127, 128, 129, 255, 256, 257, 1_023, 1_024, 1_025, 4_095, 4_096, 4_097,
  32_767, 32_768, 65_535, 65_536, 65_537, 250_007, 1_000_003,
];

/** That frames arrive whole, in their own memory, and when they should. */
export const frameClauses: TransportDuties = {
  'hands frames of every size over whole and unchanged': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox } = b.attach(toNode('n'));
    await trial.ready();
    for (const size of sizes.filter((bytes) => bytes <= a.transport.supports.maxFrameBytes)) {
      const frame = patterned(size);
      const arrived = (): Uint8Array | undefined => inbox.frames.find(({ length }) => length === size);
      await trial.arrive(
        a,
        () => a.publish(toNode('n'), frame.slice()),
        () => arrived() !== undefined,
        () => `a frame of ${size} bytes to arrive whole (last: ${inbox.frames.at(-1)?.length ?? 'none'})`,
      );
      checkEqual(arrived(), frame, `a frame of ${size} bytes`);
    }
    const strange = inbox.frames.filter((frame) => !sameBytes(frame, patterned(frame.length)));
    check(strange.length === 0, `${strange.length} frames arrived that were never published`);
  },

  'takes a part of a larger array as a frame': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox } = b.attach(toNode('n'));
    await trial.ready();
    const larger = patterned(1_000);
    await trial.arrive(
      a,
      () => a.publish(toNode('n'), larger.slice().subarray(100, 900)),
      () => inbox.frames.length > 0,
      () => 'a part of a larger array to arrive',
    );
    checkEqual(inbox.frames[0], larger.slice(100, 900), 'a part of a larger array');
  },

  'leaves the array that was published as it was': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox } = b.attach(toNode('n'));
    inbox.onFrame = (frame) => void frame.fill(0);
    await trial.ready();
    const frame = patterned(500);
    await trial.arrive(
      a,
      () => a.publish(toNode('n'), frame),
      () => inbox.frames.length > 0,
      () => 'a frame to arrive',
    );
    await trial.settle(a, b);
    checkEqual(frame, patterned(500), 'the published array, after its receiver has overwritten what it got');
  },

  'has taken what it needs of an array when publish has resolved': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox } = b.attach(toNode('n'));
    const { inbox: heard } = b.listen('g', ['x']);
    await trial.ready();
    for (const [to, found] of [
      [toNode('n'), inbox],
      [toAll('x'), heard],
    ] as const) {
      const publish = async (): Promise<void> => {
        const frame = patterned(500);
        await a.publish(to, frame);
        frame.fill(0);
      };
      await trial.arrive(
        a,
        publish,
        () => found.frames.length > 0,
        () => 'a frame to arrive',
      );
      checkEqual(found.frames[0], patterned(500), 'a frame whose array was overwritten after `publish` had resolved');
    }
  },

  'copies an array whose slices share its memory, as those of a Node Buffer do': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox } = b.attach(toNode('n'));
    await trial.ready();
    const publish = async (): Promise<void> => {
      const frame = SharingSlices.from(patterned(500));
      await a.publish(toNode('n'), frame);
      frame.fill(0);
    };
    await trial.arrive(
      a,
      publish,
      () => inbox.frames.length > 0,
      () => 'a frame to arrive',
    );
    checkEqual(inbox.frames[0], patterned(500), 'a frame whose array was overwritten after `publish` had resolved');
  },

  'gives each receiver memory of its own': async (trial) => {
    const [a, b] = await trial.pair();
    const intact = range(3).map(() => 0);
    let touched = 0;
    intact.forEach((_, index) => {
      const { inbox } = b.listen(`group-${index}`, ['x']);
      inbox.onFrame = (frame) => {
        if (sameBytes(frame, patterned(500))) intact[index] = (intact[index] as number) + 1;
        else touched++;
        frame.fill(index);
      };
    });
    await trial.ready();
    await trial.arrive(
      a,
      () => a.publish(toAll('x'), patterned(500)),
      () => touched > 0 || intact.every((count) => count > 0),
      () => 'a broadcast to reach three groups',
    );
    check(touched === 0, 'a receiver got what another had written into its frame');
  },

  'leaves what it has handed over alone': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox } = b.attach(toNode('n'));
    const copies: Uint8Array[] = [];
    inbox.onFrame = (frame) => void copies.push(frame.slice());
    await trial.ready();
    for (const number of range(2_000)) await a.publish(toNode('n'), numbered(number));
    await trial.settle(a, b);
    check(copies.length > 0, 'no frame arrived');
    const changed = inbox.frames.filter((frame, index) => !sameBytes(frame, copies[index] as Uint8Array));
    check(
      changed.length === 0,
      `${changed.length} of ${copies.length} frames were changed after they had been handed over`,
    );
  },

  'hands nothing over inside the call of publish': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox } = b.attach(toNode('n'));
    const { inbox: second } = b.attach(toInstance('i'));
    const { inbox: heard } = b.listen('g', ['x']);
    for (const one of [inbox, second, heard]) a.watch(one);
    await trial.ready();
    for (const to of [toNode('n'), toInstance('i'), toAll('x')]) {
      for (const number of range(100)) await a.publish(to, numbered(number));
    }
    for (const number of range(100)) void a.publish(toNode('n'), numbered(number));
    await trial.settle(a, b);
    check(a.tooEarly === 0, `${a.tooEarly} frames were handed over before \`publish\` had returned`);
  },

  'moves frames both ways at once': async (trial) => {
    const count = 1_000;
    const [a, b] = await trial.pair();
    const { inbox: atA } = a.attach(toNode('a'));
    const { inbox: atB } = b.attach(toNode('b'));
    await trial.ready();
    await Promise.all([
      trial.transfer({ from: a, to: toNode('b'), inboxes: [atB], count }),
      trial.transfer({ from: b, to: toNode('a'), inboxes: [atA], count }),
    ]);
    for (const { inbox, found } of [
      { inbox: 'a', found: atA },
      { inbox: 'b', found: atB },
    ]) {
      const { loss } = a.transport.supports;
      const arrived = new Set(found.numbers()).size;
      check(loss === 'possible' ? arrived > 0 : arrived === count, `${arrived} of ${count} frames arrived at ${inbox}`);
    }
  },

  'answers inside the receiver reach the asker': async (trial) => {
    const rounds = 100;
    const [a, b] = await trial.pair();
    const { inbox: asked } = b.attach(toNode('b'));
    const { inbox: answered } = a.attach(toNode('a'));
    asked.onFrame = (frame) => void b.publish(toNode('a'), frame).catch(() => {});
    await trial.ready();
    for (const number of range(rounds)) {
      await trial.arrive(
        a,
        () => a.publish(toNode('b'), numbered(number)),
        () => answered.frames.length > 0 && answered.has(number),
        () => `the answer to frame ${number}`,
      );
      answered.frames.length = 0;
      asked.frames.length = 0;
    }
  },

  'keeps apart the frames of many publishers, each in its order': async (trial) => {
    const count = 1_000;
    const [a, b, c] = await trial.trio();
    const { inbox } = a.attach(toNode('n'));
    await trial.ready();
    const both = [b, c].map((from, index) =>
      Promise.all(range(count, index * count).map((number) => from.publish(toNode('n'), numbered(number)))),
    );
    await trial.within(Promise.all(both), 'every `publish` to resolve');
    const arrived = (): number => new Set(inbox.numbers()).size;
    if (a.transport.supports.loss === 'none') {
      await trial.until(
        () => arrived() === 2 * count,
        () => `frames of two publishers: ${arrived()} of ${2 * count} arrived`,
      );
    }
    await trial.settle(b, a);
    await trial.settle(c, a);
    for (const index of [0, 1]) {
      const numbers = inbox.numbers().filter((number) => Math.floor(number / count) === index);
      const { ordered, duplicates } = a.transport.supports;
      const firsts = [...new Set(numbers)];
      check(numbers.length > 0, `no frame of publisher ${index} arrived`);
      check(
        duplicates === 'possible' || firsts.length === numbers.length,
        `frames of publisher ${index} arrived twice`,
      );
      check(
        !ordered || firsts.every((number, at) => at === 0 || number > (firsts[at - 1] as number)),
        `the frames of publisher ${index} arrived in another order`,
      );
    }
  },

  'keeps two networks apart': async (trial) => {
    const [a, b] = await trial.pair();
    const other = trial.another();
    const [x, y] = await other.pair();
    const inboxes: Inbox[] = [];
    for (const end of [b, y]) {
      inboxes.push(end.attach(toNode('n')).inbox, end.attach(toInstance('i')).inbox, end.listen('g', ['x']).inbox);
    }
    await trial.ready();
    await other.ready();
    for (const to of [toNode('n'), toInstance('i'), toAll('x')]) {
      for (const number of range(20)) await a.publish(to, numbered(number));
      for (const number of range(20)) await x.publish(to, numbered(100 + number));
    }
    await trial.settle(a, b);
    await other.settle(x, y);
    for (const [index, inbox] of inboxes.entries()) {
      const here = index < 3;
      const numbers = inbox.numbers();
      check(numbers.length > 0, 'a frame within one network to arrive');
      check(
        numbers.every((number) => number < 100 === here),
        'a frame of one network arrived in another',
      );
    }
  },
};
