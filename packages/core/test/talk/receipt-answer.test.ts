import { describe, expect, it, vi } from 'vitest';
import { FlowRecord } from '../../src/flow/flow-record.js';
import { Delivery } from '../../src/flow/delivery.js';
import { asyncTracker } from '../../src/host/node.js';
import type { AsyncTracker } from '../../src/host/host.js';
import { ReceiptAnswer } from '../../src/talk/receipt-answer.js';
import { flowHost, noTerms, plainEvent } from '../flow/deliveries.js';

const tracker = asyncTracker<FlowRecord>() as AsyncTracker<FlowRecord>;
const receipt = { id: 'e' };

function answerOf(unseen = vi.fn()): ReceiptAnswer {
  return new ReceiptAnswer({ unseen }, tracker);
}

function flow(): FlowRecord {
  return new FlowRecord(new Delivery(flowHost(), plainEvent(), undefined, noTerms), () => undefined);
}

describe('the promise of a receipt', () => {
  it('tells each who looks at it, whether before or after it is settled', async () => {
    const answer = answerOf();
    const before = [answer.then((one) => one.id), answer.then((one) => one.id)];
    answer.settle('resolved', receipt);
    expect(await Promise.all([...before, answer.then((one) => one.id)])).toEqual(['e', 'e', 'e']);
    expect(await answer).toBe(receipt);
  });

  it('calls back in the flow that looked at it, not in the one that settles it', () => {
    const answer = answerOf();
    const [looking, settling] = [flow(), flow()];
    const seen: unknown[] = [];
    tracker.run(looking, () => void answer.then(() => void seen.push(tracker.current())), undefined);
    tracker.run(settling, () => answer.settle('resolved', receipt), undefined);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBe(looking);
  });

  it('takes a chain that is longer than the stack', async () => {
    const answer = answerOf();
    let last: Promise<unknown> = answer;
    for (let i = 0; i < 50_000; i++) last = last.then((one) => one);
    answer.settle('resolved', receipt);
    expect(await last).toBe(receipt);
  });

  it('tells its owner of a failure that nobody took, for the last link only', async () => {
    const unseen = vi.fn();
    const answer = answerOf(unseen);
    const link = answer.then(() => 'never');
    answer.settle('rejected', new Error('lost'));
    expect(unseen).toHaveBeenCalledTimes(1);
    expect(unseen.mock.calls[0]?.[0]).toBe(link);
    await expect(link).rejects.toThrow('lost');
    await expect(answer).rejects.toThrow('lost');
  });
});
