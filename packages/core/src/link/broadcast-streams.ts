/** The streams of this space's broadcasts to which others may subscribe, by number. */
import type { Timer } from '../ports/clock.js';
import type { BroadcastStream } from '../talk/broadcast-stream.js';
import type { OutgoingParts } from './outgoing-stream.js';
import type { OutgoingStreams } from './outgoing-streams.js';
import type { FrameSource } from './route.js';

interface Offered {
  readonly sender: string;
  readonly stream: BroadcastStream;
}

export class BroadcastStreams {
  readonly #parts: OutgoingParts;
  readonly #outgoing: OutgoingStreams;
  readonly #offered = new Map<number, Offered>();
  readonly #timers = new Set<Timer>();

  constructor(parts: OutgoingParts, outgoing: OutgoingStreams) {
    this.#parts = parts;
    this.#outgoing = outgoing;
  }

  /** @param sender the node that broadcasts */
  offer(number: number, sender: string, stream: BroadcastStream): void {
    this.#offered.set(number, { sender, stream });
    stream.closed = () => this.#endOffer(number, stream.timeoutMs);
  }

  /** Takes no subscriptions any more. */
  close(): void {
    this.#offered.clear();
    for (const timer of this.#timers) timer.clear();
    this.#timers.clear();
  }

  /** Later than the stream's end: a subscription may be under way, and finds what is left and the end. */
  #endOffer(number: number, afterMs: number): void {
    const timer = this.#parts.host.clock.setTimer(afterMs, () => {
      this.#timers.delete(timer);
      this.#offered.delete(number);
    });
    timer.keepAlive?.(false);
    this.#timers.add(timer);
  }

  /** A receiver begins to iterate. Of a stream that is over he is told just that. */
  subscribe(from: FrameSource, request: number, number: number): void {
    const offered = this.#offered.get(number);
    const sender = offered?.sender ?? from.recipient ?? '';
    const route = { address: { kind: 'instance', id: from.instance }, sender, recipient: from.node } as const;
    if (offered === undefined) {
      this.#parts.outbox.add(route, { kind: 'end', request, count: 0, value: new Uint8Array(0) }, undefined);
      return;
    }
    const { stream } = offered;
    const asked = { by: from, node: sender, request, patienceMs: stream.timeoutMs };
    if (!this.#outgoing.has(from, request)) this.#outgoing.feed(asked, route, () => stream.subscribe());
  }
}
