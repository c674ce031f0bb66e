import { HappenError } from '../errors/happen-error.js';
import { tooLarge } from './check-payload.js';
import { header, headerBytes } from './frame-header.js';
import { defaultWireLimits, envelopeLimits } from './limits.js';
import { writeMessage } from './message-record.js';
import type { Message } from './messages.js';
import { Scratch } from './scratch.js';
import { Outgrown, Refused, type Writer } from './writer.js';

/** How much goes into one frame. */
export interface FrameBounds {
  /** A frame is closed before the message that would take it over so many bytes; a longer message has a frame of its own. */
  readonly targetBytes: number;
  /** A frame is closed when it holds so many messages. */
  readonly maxMessages: number;
  /** What no frame may exceed. */
  readonly maxFrameBytes: number;
}

/** The bounds where none are given. */
export const defaultFrameBounds: FrameBounds = {
  targetBytes: 524_288,
  maxMessages: 256,
  maxFrameBytes: defaultWireLimits.maxFrameBytes,
};

/** Gathers messages into frames, in order, encoding each one once. */
export class FrameBuilder {
  private writer: Writer | undefined;
  private count = 0;
  private readonly bounds: FrameBounds;
  /** What a frame has before its messages, at most: so much room is left for it. */
  private readonly overhead: number;

  /**
   * @param from the instance that sends
   * @param nextSequence gives the number of each frame as it is finished
   * @param scratch what makes it faster, when there are many
   */
  constructor(
    private readonly from: string,
    private readonly nextSequence: () => number,
    bounds: Partial<FrameBounds> = {},
    private readonly scratch = new Scratch(),
  ) {
    this.bounds = { ...defaultFrameBounds, ...bounds };
    this.overhead = headerBytes + 1 + (from.length * 3 + 5) + 9 + 5;
  }

  /** How many messages the next frame holds so far. */
  get length(): number {
    return this.count;
  }

  /**
   * Takes a message, and returns the frame that had to be finished before it, if any.
   *
   * @throws HappenError `HAPPEN_PAYLOAD_TOO_LARGE` for a message that no frame can hold, `HAPPEN_INVALID_OPTION` for one that no
   *   receiver would take; what was taken before stays
   */
  add(message: Message): Uint8Array | undefined {
    const { bounds, count, overhead } = this;
    const writer = this.open();
    const { position, items } = writer;
    try {
      writer.allow(bounds.maxFrameBytes - overhead, envelopeLimits.maxItems);
      writeMessage(writer, message);
      writer.check();
    } catch (cause) {
      writer.position = position;
      writer.items = items;
      throw this.toHappenError(cause);
    }
    this.count = count + 1;
    const fits =
      writer.position <= Math.min(bounds.targetBytes, bounds.maxFrameBytes) && writer.items <= envelopeLimits.maxItems;
    return count === 0 || (fits && count < bounds.maxMessages) ? undefined : this.close(writer, position, items, count);
  }

  /** The frame of the messages that are left, which may be none. */
  finish(): Uint8Array {
    const writer = this.open();
    const frame = this.close(writer, writer.position, writer.items, this.count);
    this.scratch.giveBack(writer);
    this.writer = undefined;
    return frame;
  }

  private open(): Writer {
    if (this.writer !== undefined) return this.writer;
    this.writer = this.scratch.borrow();
    this.writer.skip(this.overhead);
    return this.writer;
  }

  /** Makes a frame of the messages before `end`, and keeps the rest for the next one. */
  private close(writer: Writer, end: number, items: number, count: number): Uint8Array {
    const { overhead } = this;
    const rest = writer.position;
    const restItems = writer.items - items;
    writer.position = 0;
    writer.allow(overhead, 8);
    writer.raw(header);
    writer.array(3);
    writer.string(this.from);
    writer.number(this.nextSequence());
    writer.array(count);
    const start = writer.position;
    const frame = new Uint8Array(start + end - overhead);
    frame.set(writer.view(0, start));
    frame.set(writer.view(overhead, end), start);
    writer.position = rest;
    writer.drop(overhead, end);
    writer.items = restItems;
    this.count -= count;
    return frame;
  }

  private toHappenError(cause: unknown): unknown {
    if (cause instanceof Outgrown)
      return tooLarge('message', cause.unit, this.bounds.maxFrameBytes, envelopeLimits.maxItems);
    if (!(cause instanceof Refused)) return cause;
    return new HappenError('HAPPEN_INVALID_OPTION', 'The target or key of a delivery is not valid text.', {
      details: { field: 'key' },
    });
  }
}

/** The frames of a list of messages, in order; none when there are no messages. */
export function* encodeFrames(
  messages: Iterable<Message>,
  from: string,
  nextSequence: () => number,
  bounds: Partial<FrameBounds> = {},
): Generator<Uint8Array, void, undefined> {
  const builder = new FrameBuilder(from, nextSequence, bounds);
  for (const message of messages) {
    const frame = builder.add(message);
    if (frame !== undefined) yield frame;
  }
  if (builder.length > 0) yield builder.finish();
}
