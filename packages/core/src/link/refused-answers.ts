/** What was refused of late of what came as an answer, by the node in whose name it came; for whoever waits in vain. */
import type { FrameRefusal, Refused } from '../identity/refusal.js';
import type { Clock } from '../ports/clock.js';
import { monotonic } from '../ports/monotonic.js';

/** So many nodes are remembered, the latest: anybody can invent names. */
const mostNodes = 1_024;

interface Found {
  readonly reason: FrameRefusal;
  readonly at: number;
}

export class RefusedAnswers {
  readonly #clock: Clock;
  readonly #found = new Map<string, Found>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note({ reason, sender }: Refused): void {
    // What comes twice has been heard before.
    if (sender === undefined || reason === 'replayed') return;
    this.#found.delete(sender);
    if (this.#found.size >= mostNodes) this.#found.delete(this.#found.keys().next().value as string);
    this.#found.set(sender, { reason, at: monotonic(this.#clock) });
  }

  /** Why the latest one in the name of a node was refused, if that was not before `since` by the monotonic clock. */
  of(nodeId: string, since: number): FrameRefusal | undefined {
    const found = this.#found.get(nodeId);
    return found === undefined || found.at < since ? undefined : found.reason;
  }
}
