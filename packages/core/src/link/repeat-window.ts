/**
 * Recognises frames that arrive a second time, by the number their sender gave them.
 *
 * Per sender the latest numbers are told apart; whether an older one counts as a repetition is a setting. Of the senders the
 * latest are remembered, so that invented names can't make memory grow.
 *
 * A number far behind the highest one begins anew: one forged number must not make all honest ones old for good, nor may a
 * sender that told others much meanwhile be taken for a forger.
 */

/** How much is remembered. */
export interface RepeatWindowSettings {
  /** How many numbers are told apart for each sender, a multiple of 32. */
  readonly size: number;
  /** How many senders are remembered. */
  readonly senders: number;
  /** Whether a number older than those counts as a repetition. */
  readonly oldIsRepeated: boolean;
}

/** From so far behind the highest number on, one does not count as late any more. */
const farBehind = 2 ** 20;

interface Window {
  highest: number;
  readonly seen: Uint32Array;
}

export class RepeatWindow {
  readonly #windows = new Map<string, Window>();
  readonly #size: number;
  readonly #senders: number;
  readonly #oldIsRepeated: boolean;

  constructor({ size, senders, oldIsRepeated }: RepeatWindowSettings) {
    this.#size = size;
    this.#senders = senders;
    this.#oldIsRepeated = oldIsRepeated;
  }

  /** Whether the number has been seen from this sender; if not, it is from now on. */
  seen(sender: string, number: number): boolean {
    const window = this.#windowOf(sender, number);
    if (number > window.highest || window.highest - number >= farBehind) {
      const steps = number - window.highest;
      if (steps < 0 || steps >= this.#size) window.seen.fill(0);
      else for (let between = window.highest + 1; between < number; between++) clear(window.seen, between);
      window.highest = number;
    } else {
      if (window.highest - number >= this.#size) return this.#oldIsRepeated;
      if (isSet(window.seen, number)) return true;
    }
    set(window.seen, number);
    return false;
  }

  #windowOf(sender: string, number: number): Window {
    let window = this.#windows.get(sender);
    if (window !== undefined) return window;
    if (this.#windows.size >= this.#senders) this.#windows.delete(this.#windows.keys().next().value as string);
    window = { highest: Math.max(0, number - 1), seen: new Uint32Array(this.#size / 32) };
    this.#windows.set(sender, window);
    return window;
  }
}

function isSet(bits: Uint32Array, number: number): boolean {
  const place = number % (bits.length * 32);
  return (((bits[place >>> 5] as number) >>> (place & 31)) & 1) === 1;
}

function set(bits: Uint32Array, number: number): void {
  const place = number % (bits.length * 32);
  bits[place >>> 5] = (bits[place >>> 5] as number) | (1 << (place & 31));
}

function clear(bits: Uint32Array, number: number): void {
  const place = number % (bits.length * 32);
  bits[place >>> 5] = (bits[place >>> 5] as number) & ~(1 << (place & 31));
}
