/**
 * What `sent()` gives: a promise of a receipt. Whoever looks at it first, as `await` does, is told within the very turn of the
 * hand-over: a native promise in between would cost another promise, its functions and a turn.
 *
 * Invariants:
 * 1. What the first callback sends belongs to the flow that hung it on, not to whatever was handed over in the same turn.
 * 2. Only the first is told so; what hangs on that is an answer as any other, so that no chain of them recurses.
 */
import type { FlowRecord } from '../flow/flow-record.js';
import type { AsyncTracker } from '../host/host.js';
import { type AnswerOwner, DerivedAnswer } from './derived-answer.js';
import type { Receipt } from './send-handle.js';

export class ReceiptAnswer extends DerivedAnswer<Receipt> {
  readonly #tracker: AsyncTracker<FlowRecord>;
  #first: DerivedAnswer | undefined;
  #flow: FlowRecord | undefined;

  constructor(owner: AnswerOwner, tracker: AsyncTracker<FlowRecord>) {
    super(undefined, undefined, owner);
    this.#tracker = tracker;
  }

  // being a promise is the point
  override then<A = Receipt, B = never>(
    fulfilled?: ((value: Receipt) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (this.#first !== undefined || !this.isPending) return super.then(fulfilled, rejected);
    const first = this.link(fulfilled, rejected);
    this.#first = first as DerivedAnswer;
    this.#flow = this.#tracker.current();
    return first;
  }

  override settle(phase: 'resolved' | 'rejected', value: unknown): void {
    super.settle(phase, value);
    const first = this.#first;
    if (first === undefined) return;
    if (this.#tracker.current() === this.#flow) first.settle(phase, value);
    else this.#tracker.run(this.#flow, () => first.settle(phase, value), undefined);
  }
}
