/**
 * Frames that arrive: read, verified where they are signed, recognised if they came before, and taken apart into messages.
 *
 * Invariants:
 * 1. Nothing that arrives makes `receive` throw. What can't be read, or is refused, is counted and dropped.
 * 2. Frames of one sender are taken in the order in which they came, also where verifying them takes its time.
 */
import { isHappenError } from '../errors/happen-error.js';
import { Refused } from '../identity/refusal.js';
import type { NowOrLater } from '../identity/now-or-later.js';
import type { TransportCapabilities } from '../ports/transport.js';
import { decodeFrame } from '../wire/frame.js';
import type { WireLimits } from '../wire/limits.js';
import { malformed } from '../wire/malformed.js';
import type { Frame, Message } from '../wire/messages.js';
import { isSealed } from '../wire/seal.js';
import { InOrder } from './in-order.js';
import type { LinkCounts, LinkHost } from './link-host.js';
import { RefusedAnswers } from './refused-answers.js';
import { RepeatWindow } from './repeat-window.js';
import type { Arrival, FrameSource } from './route.js';
import { type Candidate, Verifier } from './verifier.js';

/** Takes one message of a frame; what it throws is counted. */
export type TakeMessage = (source: FrameSource, message: Message, group: string | undefined) => void;

/** How many frame numbers are told apart, and of how many senders (for broadcasts: pairs of sender and listening node). */
const directWindow = { size: 4096, senders: 1024 };
const broadcastWindow = { size: 512, senders: 8192 };

export class Receiver {
  readonly #host: LinkHost;
  readonly #instance: string;
  readonly #limits: WireLimits;
  readonly #counts: LinkCounts;
  readonly #take: TakeMessage;
  /** There is none where the transport repeats nothing, and none where frames are signed, which are told apart more strictly. */
  readonly #repeats: { readonly direct: RepeatWindow; readonly broadcast: RepeatWindow } | undefined;
  readonly #mayRepeat: boolean;
  readonly #verifier: Verifier | undefined;
  readonly #inOrder = new InOrder();
  /** There are none where frames are not signed, and nobody knows in whose name they come. */
  readonly refusedAnswers: RefusedAnswers | undefined;

  constructor(
    host: LinkHost,
    instance: string,
    limits: WireLimits,
    { duplicates, loss }: TransportCapabilities,
    counts: LinkCounts,
    take: TakeMessage,
  ) {
    this.#host = host;
    this.#instance = instance;
    this.#limits = limits;
    this.#counts = counts;
    this.#take = take;
    this.#mayRepeat = duplicates !== 'none';
    const { frameSecurity } = host;
    this.#verifier = frameSecurity === undefined ? undefined : new Verifier(host, frameSecurity, limits);
    this.refusedAnswers = frameSecurity === undefined ? undefined : new RefusedAnswers(host.clock);
    // Older than what is remembered: lost is better than twice where losses happen anyway, and only there.
    const settings = { oldIsRepeated: loss === 'possible' };
    this.#repeats =
      !this.#mayRepeat || frameSecurity !== undefined
        ? undefined
        : {
            direct: new RepeatWindow({ ...directWindow, ...settings }),
            broadcast: new RepeatWindow({ ...broadcastWindow, ...settings }),
          };
  }

  /** @param arrival at which address it arrived */
  receive(bytes: Uint8Array, arrival: Arrival): void {
    this.#counts.framesReceived++;
    const group = groupOf(arrival);
    try {
      if (this.#verifier !== undefined) {
        this.#verify(this.#verifier, bytes, arrival);
        return;
      }
      if (isSealed(bytes)) throw new Refused('signed', undefined);
      const frame = decodeFrame(bytes, this.#limits);
      checkFrame(frame);
      const { from } = frame;
      if (from === this.#instance) return;
      if (this.#isRepeated(frame, group)) {
        this.#counts.repeated++;
        return;
      }
      this.#takeAll(frame, { instance: from, node: undefined, to: undefined, recipient: undefined }, group);
    } catch (error) {
      this.#dropped(error, arrival);
    }
  }

  #verify(verifier: Verifier, bytes: Uint8Array, arrival: Arrival): void {
    if (!isSealed(bytes)) {
      // What is no frame at all is told apart from one that is not signed.
      decodeFrame(bytes, this.#limits);
      throw new Refused('unsigned', undefined);
    }
    const candidate = verifier.read(bytes, arrival);
    const { frame, seal } = candidate;
    checkFrame(frame);
    if (frame.from === this.#instance) return;
    const { sender } = seal;
    const lane = `${frame.from}\u0000${sender}`;
    // Whoever finds nobody before him needs no share.
    const source = { lane, sender, isKnown: this.#inOrder.isEmpty || verifier.knows(sender) };
    if (!this.#inOrder.hasRoom(source)) throw new Refused('overload', sender);
    const isRight: NowOrLater<boolean> = candidate.verify();
    this.#inOrder.run(
      source,
      bytes.length,
      isRight,
      (known) => this.#conclude(candidate, known, arrival),
      (error) => this.#dropped(error, arrival),
    );
  }

  #conclude(candidate: Candidate, isRight: boolean, arrival: Arrival): void {
    try {
      candidate.conclude(isRight);
      const { frame, seal } = candidate;
      const { sender, to, recipient } = seal;
      this.#takeAll(frame, { instance: frame.from, node: sender, to, recipient }, groupOf(arrival));
    } catch (error) {
      this.#dropped(error, arrival);
    }
  }

  /** A broadcast comes once for each listening node, so each has a memory of its own for it. */
  #isRepeated({ from, sequence }: Frame, group: string | undefined): boolean {
    if (group === undefined) return this.#repeats?.direct.seen(from, sequence) === true;
    return this.#repeats?.broadcast.seen(`${from}\u0000${group}`, sequence) === true;
  }

  /** One message of a frame does not take the others with it. */
  #takeAll(frame: Frame, source: FrameSource, group: string | undefined): void {
    for (const message of frame.messages) {
      try {
        if (source.to !== undefined) checkAddress(message, source);
        this.#take(source, message, group);
      } catch (error) {
        this.#dropped(error);
      }
    }
  }

  #dropped(error: unknown, arrival?: Arrival): void {
    if (error instanceof Refused) {
      if (arrival?.kind === 'instance') this.refusedAnswers?.note(error);
      this.refused(error);
      return;
    }
    if (isHappenError(error, 'HAPPEN_HASH_MISMATCH')) this.#counts.hashMismatches++;
    else this.#counts.malformed++;
    this.#host.logger.warn({ err: error }, 'something that arrived could not be read, and was dropped');
  }

  /** Counts what was refused, and tells of it. */
  refused({ reason, sender }: Refused): void {
    if (reason === 'replayed' && this.#mayRepeat) {
      // Where the transport itself may bring a frame twice, that is nothing to be told.
      this.#counts.repeated++;
      return;
    }
    this.#counts.refused[reason]++;
    this.#host.frameRefused(reason, sender);
  }
}

/** For a broadcast, the node that listens. */
function groupOf({ kind, id }: Arrival): string | undefined {
  return kind === 'broadcast' ? id : undefined;
}

/** What no space makes: another kind of instance id, or a frame without messages. */
function checkFrame({ from, messages }: Frame): void {
  if (!/^[0-9a-f]{32}$/.test(from)) throw malformed('schema', 'from');
  if (messages.length === 0) throw malformed('schema', 'messages');
}

/** Each message belongs at the kind of address that its frame was signed for, and a delivery at that very node. */
function checkAddress(message: Message, { to, node }: FrameSource): void {
  if (!isAddressed(message, to?.kind, to?.name)) throw new Refused('destination', node);
}

function isAddressed(message: Message, kind: Arrival['kind'] | undefined, name: string | undefined): boolean {
  switch (message.kind) {
    case 'deliver':
      return message.target === undefined ? kind === 'broadcast' : kind === 'node' && message.target === name;
    case 'cancel':
      // A request at its node, a stream at the instance that makes it.
      return kind !== 'broadcast';
    default:
      return kind === 'instance';
  }
}
