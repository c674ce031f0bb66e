/**
 * Frames that arrive: read, recognised if they came before, and taken apart into messages.
 *
 * Invariant: nothing that arrives makes `receive` throw. What can't be read is counted and dropped.
 */
import { isHappenError } from '../errors/happen-error.js';
import type { Logger } from '../ports/logger.js';
import type { TransportCapabilities } from '../ports/transport.js';
import { decodeFrame } from '../wire/frame.js';
import type { WireLimits } from '../wire/limits.js';
import { malformed } from '../wire/malformed.js';
import type { Frame, Message } from '../wire/messages.js';
import type { LinkCounts } from './link-host.js';
import { RepeatWindow } from './repeat-window.js';

/** Takes one message of a frame; what it throws is counted. */
export type TakeMessage = (from: string, message: Message, group: string | undefined) => void;

/** How many frame numbers are told apart, and of how many senders (for broadcasts: pairs of sender and listening node). */
const directWindow = { size: 4096, senders: 1024 };
const broadcastWindow = { size: 512, senders: 8192 };

export class Receiver {
  readonly #instance: string;
  readonly #limits: WireLimits;
  readonly #counts: LinkCounts;
  readonly #logger: Logger;
  readonly #take: TakeMessage;
  /** There is none where the transport repeats nothing. */
  readonly #repeats: { readonly direct: RepeatWindow; readonly broadcast: RepeatWindow } | undefined;

  constructor(
    instance: string,
    limits: WireLimits,
    { duplicates, loss }: TransportCapabilities,
    counts: LinkCounts,
    logger: Logger,
    take: TakeMessage,
  ) {
    this.#instance = instance;
    this.#limits = limits;
    this.#counts = counts;
    this.#logger = logger;
    this.#take = take;
    // Older than what is remembered: lost is better than twice where losses happen anyway, and only there.
    const settings = { oldIsRepeated: loss === 'possible' };
    this.#repeats =
      duplicates === 'none'
        ? undefined
        : {
            direct: new RepeatWindow({ ...directWindow, ...settings }),
            broadcast: new RepeatWindow({ ...broadcastWindow, ...settings }),
          };
  }

  /** @param group the listening node, for a broadcast */
  receive(bytes: Uint8Array, group: string | undefined): void {
    this.#counts.framesReceived++;
    try {
      const frame = decodeFrame(bytes, this.#limits);
      checkFrame(frame);
      if (frame.from === this.#instance) return;
      if (this.#isRepeated(frame, group)) {
        this.#counts.repeated++;
        return;
      }
      for (const message of frame.messages) this.#takeSafely(frame.from, message, group);
    } catch (error) {
      this.#unreadable(error);
    }
  }

  /** A broadcast comes once for each listening node, so each has a memory of its own for it. */
  #isRepeated({ from, sequence }: Frame, group: string | undefined): boolean {
    if (group === undefined) return this.#repeats?.direct.seen(from, sequence) === true;
    return this.#repeats?.broadcast.seen(`${from}\u0000${group}`, sequence) === true;
  }

  /** One message of a frame does not take the others with it. */
  #takeSafely(from: string, message: Message, group: string | undefined): void {
    try {
      this.#take(from, message, group);
    } catch (error) {
      this.#unreadable(error);
    }
  }

  #unreadable(error: unknown): void {
    if (isHappenError(error, 'HAPPEN_HASH_MISMATCH')) this.#counts.hashMismatches++;
    else this.#counts.malformed++;
    this.#logger.warn({ err: error }, 'something that arrived could not be read, and was dropped');
  }
}

/** What no space makes: another kind of instance id, or a frame without messages. */
function checkFrame({ from, messages }: Frame): void {
  if (!/^[0-9a-f]{32}$/.test(from)) throw malformed('schema', 'from');
  if (messages.length === 0) throw malformed('schema', 'messages');
}
