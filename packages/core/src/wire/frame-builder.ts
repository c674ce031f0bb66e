import { HappenError } from '../errors/happen-error.js';
import { tooLarge } from './check-payload.js';
import { frameVersion, headerBytes, magic } from './frame-header.js';
import { defaultWireLimits, envelopeLimits } from './limits.js';
import { writeMessage } from './message-record.js';
import type { Message } from './messages.js';
import { Outgrown, Refused, Writer } from './writer.js';

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
  private readonly writer = new Writer(Number.MAX_SAFE_INTEGER, envelopeLimits.maxItems, 1_024);
  private count = 0;
  private readonly bounds: FrameBounds;
  /** What a frame has beside its messages, at most. */
  private readonly overhead: number;

  /**
   * @param from the instance that sends
   * @param nextSequence gives the number of each frame as it is finished
   */
  constructor(
    private readonly from: string,
    private readonly nextSequence: () => number,
    bounds: Partial<FrameBounds> = {},
  ) {
    this.bounds = { ...defaultFrameBounds, ...bounds };
    this.overhead = headerBytes + 1 + from.length * 3 + 5 + 9 + 5;
  }

  /**
   * Takes a message, and returns the frame that had to be finished before it, if any.
   *
   * @throws HappenError `HAPPEN_PAYLOAD_TOO_LARGE` for a message that no frame can hold; what was taken before stays
   */
  add(message: Message): Uint8Array | undefined {
    const { targetBytes, maxMessages, maxFrameBytes } = this.bounds;
    const { writer, count } = this;
    const { position, items } = writer;
    try {
      writeMessage(writer, message);
      if (writer.position - position + this.overhead > maxFrameBytes) throw new Outgrown('bytes', maxFrameBytes);
    } catch (cause) {
      writer.position = position;
      writer.items = items;
      throw toHappenError(cause);
    }
    this.count = count + 1;
    if (count === 0 || (count < maxMessages && writer.position + this.overhead <= Math.min(targetBytes, maxFrameBytes))) return undefined;
    return this.close(position, items, count);
  }

  /** The frame of the messages that are left, which may be none. */
  finish(): Uint8Array {
    return this.close(this.writer.position, this.writer.items, this.count);
  }

  /** How many messages the next frame holds so far. */
  get length(): number {
    return this.count;
  }

  /** Makes a frame of the first so many bytes, items and messages, and keeps the rest for the next one. */
  private close(bytes: number, items: number, count: number): Uint8Array {
    const head = new Writer(this.overhead, 8, this.overhead);
    head.raw(new Uint8Array([...magic, frameVersion, 0]));
    head.array(3);
    head.string(this.from);
    head.number(this.nextSequence());
    head.array(count);
    const frame = new Uint8Array(head.position + bytes);
    frame.set(head.view(head.position));
    frame.set(this.writer.view(bytes), head.position);
    this.writer.drop(bytes);
    this.writer.items -= items;
    this.count -= count;
    return frame;
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

function toHappenError(cause: unknown): unknown {
  if (cause instanceof Outgrown) return tooLarge('message', cause);
  if (!(cause instanceof Refused)) return cause;
  return new HappenError('HAPPEN_INVALID_OPTION', 'The target or key of a delivery is not valid text.', { details: { field: 'key' } });
}
