import type { Address, TransportCapabilities, Transport } from '@happen/core';
import { check } from '../contract/check.js';
import { defaultPatienceMs } from '../contract/suite.js';
import { machineClock } from '../clock/machine-clock.js';
import { nextTurn } from '../clock/next-turn.js';
import { pause, until, within } from '../contract/wait.js';
import { End, toInstance } from './end.js';
import { range } from '../contract/sample-bytes.js';
import { numbered } from './frames.js';
import { firstSentinel, type Inbox } from './inbox.js';
import type { TransportNetwork, TransportSubject } from './subject.js';

/** Frames from one end to one address, and the inboxes at which they may arrive. */
export interface Transfer {
  readonly from: End;
  readonly to: Address;
  readonly inboxes: readonly Inbox[];
  readonly count: number;
}

const msBetweenRepeats = 5;
let trials = 0;

/**
 * What a clause works with: fresh networks, ends on them, and ways to wait that suit what the transport says of itself.
 *
 * 1. Where frames may be lost, what must arrive is published again until it does; elsewhere, once.
 * 2. That something does not arrive is shown by frames published after it, which do.
 * 3. Nothing is assumed of an attachment until the end that made it has been heard of since.
 */
export class TransportTrial {
  readonly patienceMs: number;
  readonly #subject: TransportSubject;
  readonly #ends: End[] = [];
  readonly #transports: Transport[] = [];
  readonly #name = `trial-${++trials}-${Math.floor(Math.random() * 0x1_0000_0000).toString(36)}`;
  #network: TransportNetwork | undefined;
  #others: TransportTrial[] = [];
  #spoken = 0;

  constructor(subject: TransportSubject) {
    this.#subject = subject;
    this.patienceMs = subject.patienceMs ?? defaultPatienceMs;
  }

  /** A transport that has not been started. */
  async join(): Promise<Transport> {
    this.#network ??= await this.#subject.open();
    const transport = await this.#network.join();
    this.#transports.push(transport);
    return transport;
  }

  /** An end that has been started, but may not have been heard of yet. */
  async started(): Promise<End> {
    const transport = await this.join();
    const end = new End(transport, `${this.#name}-${this.#transports.length}`);
    await within(end.start(), this.patienceMs, '`start` to resolve');
    this.#ends.push(end);
    return end;
  }

  /** Two ends that have heard of each other. */
  async pair(): Promise<readonly [End, End]> {
    const ends = [await this.started(), await this.started()] as const;
    await this.#meet(ends);
    return ends;
  }

  /** Three ends that have heard of each other. */
  async trio(): Promise<readonly [End, End, End]> {
    const ends = [await this.started(), await this.started(), await this.started()] as const;
    await this.#meet(ends);
    return ends;
  }

  /** A trial on another network of the same subject. */
  another(): TransportTrial {
    const other = new TransportTrial(this.#subject);
    this.#others.push(other);
    return other;
  }

  /** Makes sure that every attachment so far, and every closing of one, holds for all ends but those given. */
  async ready(without?: End): Promise<void> {
    const ends = this.#ends.filter((end) => end !== without);
    await Promise.all(ends.flatMap((from) => ends.map((to) => (from === to ? undefined : this.#say(from, to)))));
  }

  /** Lets all that `from` has published for `to` arrive. */
  async settle(from: End, to: End): Promise<void> {
    for (let round = 0; round < rounds(from.transport.supports); round++) await this.#say(from, to);
  }

  /** Publishes, again if frames may be lost, until the condition holds. */
  async arrive(from: End, publish: () => Promise<void>, seen: () => boolean, what: () => string): Promise<void> {
    await within(publish(), this.patienceMs, '`publish` to resolve');
    if (from.transport.supports.loss === 'none') await this.until(seen, what);
    else await this.#repeat(publish, seen, what);
  }

  /** Publishes frames 0 to `count` - 1 at once, and waits until those that arrive have arrived. */
  async transfer({ from, to, inboxes, count }: Transfer): Promise<void> {
    const published = range(count).map((number) => from.publish(to, numbered(number)));
    await within(Promise.all(published), this.patienceMs, `\`publish\` to resolve for ${count} frames`);
    if (from.transport.supports.loss === 'none') {
      const arrived = new Set<number>();
      const counted = inboxes.map(() => 0);
      const enough = (): boolean => {
        inboxes.forEach(({ frames }, index) => {
          for (let at = counted[index] as number; at < frames.length; at++) {
            arrived.add(
              new DataView((frames[at] as Uint8Array).buffer, (frames[at] as Uint8Array).byteOffset).getUint32(0),
            );
          }
          counted[index] = frames.length;
        });
        return arrived.size >= count;
      };
      await this.until(enough, () => `frames to arrive: ${arrived.size} of ${count} did`);
    }
    for (let round = 0; round < rounds(from.transport.supports); round++) {
      const number = firstSentinel + ++this.#spoken;
      await this.arrive(
        from,
        () => from.publish(to, numbered(number)),
        () => inboxes.some((inbox) => inbox.has(number)),
        () => 'the last frame to an address to arrive',
      );
    }
  }

  until(condition: () => boolean, what: () => string): Promise<void> {
    return until(condition, this.patienceMs, what);
  }

  /** Fails if the promise takes too long. */
  within<Result>(promise: Promise<Result>, what: string): Promise<Result> {
    return within(promise, this.patienceMs, what);
  }

  /** Breaks the connection of an end; gives back what restores it. */
  async interrupt(end: End): Promise<() => Promise<void>> {
    const interrupt = this.#network?.interrupt?.bind(this.#network);
    check(
      interrupt !== undefined,
      'the network of this subject offers no `interrupt`; add it, or waive the clause and say why',
    );
    return interrupt(end.transport);
  }

  /** Stops every end and closes the network; fails if one does not stop. */
  async close(): Promise<void> {
    for (const other of this.#others) await other.close();
    try {
      await within(
        Promise.all(this.#transports.map((transport) => transport.stop())),
        this.patienceMs,
        'every end to stop',
      );
    } finally {
      await this.#network?.close();
    }
  }

  #say(from: End, to: End): Promise<void> {
    const number = firstSentinel + ++this.#spoken;
    return this.arrive(
      from,
      () => from.publish(toInstance(to.id), numbered(number)),
      () => to.heard.has(number),
      () => 'a frame to an instance to arrive',
    );
  }

  /** Until an end has been heard of, what is sent to it may find nobody. */
  async #meet(ends: readonly End[]): Promise<void> {
    for (const from of ends) {
      for (const to of ends) {
        if (from === to) continue;
        const number = firstSentinel + ++this.#spoken;
        const hello = (): Promise<void> => from.publish(toInstance(to.id), numbered(number));
        await within(hello(), this.patienceMs, '`publish` to resolve');
        await this.#repeat(
          hello,
          () => to.heard.has(number),
          () => 'two ends to hear of each other',
        );
      }
    }
  }

  async #repeat(publish: () => Promise<void>, seen: () => boolean, what: () => string): Promise<void> {
    const started = machineClock.now();
    let last = started;
    while (!seen()) {
      const now = machineClock.now();
      check(now - started <= this.patienceMs, `waited ${this.patienceMs} ms in vain for ${what()}`);
      if (now - last >= msBetweenRepeats) {
        last = now;
        await within(publish(), this.patienceMs, '`publish` to resolve');
      }
      await (now - started < 5 ? nextTurn() : pause(1));
    }
  }
}

/** How many frames one after the other show that nothing earlier is still under way; a guess where the order is free. */
function rounds({ ordered, loss }: TransportCapabilities): number {
  return ordered && loss === 'none' ? 3 : 20;
}

/** Fails unless the numbers are what the capabilities allow to arrive of 0 to `count` - 1. */
export function checkArrivals(numbers: readonly number[], count: number, supports: TransportCapabilities): void {
  checkComplete(numbers, count, supports);
  checkSingle(numbers, supports);
  checkOrder(numbers, supports);
}

export function checkComplete(numbers: readonly number[], count: number, { loss }: TransportCapabilities): void {
  const arrived = new Set(numbers);
  const foreign = [...arrived].filter((number) => number >= count);
  check(foreign.length === 0, `frames arrived that were published to nobody here: ${foreign.slice(0, 5).join(', ')}`);
  if (loss === 'none')
    check(arrived.size === count, `${arrived.size} of ${count} frames arrived, though \`loss\` is 'none'`);
  else check(arrived.size > 0, `none of ${count} frames arrived`);
}

export function checkSingle(numbers: readonly number[], { duplicates }: TransportCapabilities): void {
  if (duplicates !== 'none') return;
  const twice = numbers.length - new Set(numbers).size;
  check(twice === 0, `${twice} frames were handed over again, though \`duplicates\` is 'none'`);
}

/** Second copies may come at any time: the order is that of the first ones. */
export function checkOrder(numbers: readonly number[], { ordered }: TransportCapabilities): void {
  if (!ordered) return;
  const firsts = [...new Set(numbers)];
  const at = firsts.findIndex((number, index) => index > 0 && number < (firsts[index - 1] as number));
  check(at < 0, `frame ${firsts[at]} arrived after frame ${firsts[at - 1]}, though \`ordered\` is true`);
}
