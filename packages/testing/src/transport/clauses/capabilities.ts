import type { TransportCapabilities } from '@happen/core';
import { check, checkEqual, checkRejects } from '../../contract/check.js';
import { type End, toNode } from '../end.js';
import { patterned } from '../../contract/sample-bytes.js';
import { numbered } from '../frames.js';
import type { TransportDuties } from '../clause.js';
import { checkComplete, checkOrder, checkSingle, type TransportTrial } from '../trial.js';

const burst = 10_000;
const shortestLimit = 1_024;
const longestLimit = 67_108_864;

/** What a transport says of itself, and that it is so. */
export const capabilityClauses: TransportDuties = {
  'says what it supports': async (trial) => {
    const { name, supports } = (await trial.started()).transport;
    check(typeof name === 'string' && name !== '', `\`name\` must be a non-empty string, not ${String(name)}`);
    const { ordered, loss, duplicates, unreachable, maxFrameBytes } = supports;
    check(typeof ordered === 'boolean', '`supports.ordered` must be a boolean');
    check(loss === 'none' || loss === 'possible', "`supports.loss` must be 'none' or 'possible'");
    check(duplicates === 'none' || duplicates === 'possible', "`supports.duplicates` must be 'none' or 'possible'");
    check(typeof unreachable === 'boolean', '`supports.unreachable` must be a boolean');
    check(
      Number.isSafeInteger(maxFrameBytes) && maxFrameBytes >= shortestLimit && maxFrameBytes <= longestLimit,
      `\`supports.maxFrameBytes\` must be a whole number from ${shortestLimit} to ${longestLimit}, not ${maxFrameBytes}`,
    );
  },

  'goes on supporting what it supported when it had started': async (trial) => {
    const [a, b] = await trial.pair();
    const before = { ...a.transport.supports };
    const { inbox } = b.attach(toNode('n'));
    await trial.ready();
    await trial.transfer({ from: a, to: toNode('n'), inboxes: [inbox], count: 100 });
    await a.transport.stop();
    checkEqual(capabilities(a.transport.supports), capabilities(before), '`supports` after some work and `stop`');
  },

  'hands over all of 10 000 frames published at once, if it says that none is lost': async (trial) => {
    const { numbers, a } = await burstOf(trial);
    checkComplete(numbers, burst, a.transport.supports);
  },

  'hands none of 10 000 frames over twice, if it says so': async (trial) => {
    const { numbers, a } = await burstOf(trial);
    checkSingle(numbers, a.transport.supports);
  },

  'keeps the order of 10 000 frames to one address, if it says so': async (trial) => {
    const { numbers, a } = await burstOf(trial);
    checkOrder(numbers, a.transport.supports);
  },

  'takes a frame of maxFrameBytes': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox } = b.attach(toNode('n'));
    await trial.ready();
    const frame = patterned(a.transport.supports.maxFrameBytes);
    await trial.arrive(
      a,
      () => a.publish(toNode('n'), frame.slice()),
      () => inbox.frames.length > 0,
      () => `a frame of ${frame.length} bytes to arrive`,
    );
    checkEqual(inbox.frames[0], frame, 'the longest frame');
  },

  'refuses a frame longer than maxFrameBytes with HAPPEN_PAYLOAD_TOO_LARGE, and goes on': async (trial) => {
    const [a, b] = await trial.pair();
    const { inbox } = b.attach(toNode('n'));
    await trial.ready();
    const tooLong = new Uint8Array(a.transport.supports.maxFrameBytes + 1);
    await checkRejects(() => a.publish(toNode('n'), tooLong), 'HAPPEN_PAYLOAD_TOO_LARGE', 'a frame that is too long');
    const next = numbered(7);
    await trial.arrive(
      a,
      () => a.publish(toNode('n'), next),
      () => inbox.frames.length > 0,
      () => 'the frame after the refused one',
    );
    checkEqual(inbox.frames[0], next, 'what arrived after the refusal');
  },
};

async function burstOf(trial: TransportTrial): Promise<{ readonly numbers: readonly number[]; readonly a: End }> {
  const [a, b] = await trial.pair();
  const { inbox } = b.attach(toNode('n'));
  await trial.ready();
  await trial.transfer({ from: a, to: toNode('n'), inboxes: [inbox], count: burst });
  return { numbers: inbox.numbers(), a };
}

function capabilities(supports: TransportCapabilities): TransportCapabilities {
  const { ordered, loss, duplicates, unreachable, maxFrameBytes } = supports;
  return { ordered, loss, duplicates, unreachable, maxFrameBytes };
}
