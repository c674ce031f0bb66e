import type { Clock } from '../ports/clock.js';
import type { HubSettings } from './hub-options.js';
import type { Draws } from './seeded-draws.js';

/** What a link tells of its faults. */
export interface LinkTally {
  dropped: number;
  duplicated: number;
  reordered: number;
}

interface Passage {
  readonly number: number;
  readonly arrive: () => void;
  readonly twice: boolean;
  readonly secondAfterMs: number;
}

/**
 * The way from one space to another, with the faults the hub was asked for.
 *
 * Four numbers are drawn for each frame, needed or not: so one fault can be switched off and the others stay where they
 * were. Frames in line leave it from the front only, each taking along those before it: so unequal delays, or timers of
 * the machine that come in the wrong order, never let one overtake another. Only a frame picked for reordering stands
 * outside the line.
 */
export class RoughLink {
  readonly #settings: HubSettings;
  readonly #draw: Draws;
  readonly #tally: LinkTally;
  readonly #line: Passage[] = [];
  /** Where the line begins: `shift` on a long array moves all of it. */
  #front = 0;
  #sent = 0;
  #highestArrived = 0;

  constructor(settings: HubSettings, draw: Draws, tally: LinkTally) {
    this.#settings = settings;
    this.#draw = draw;
    this.#tally = tally;
  }

  /** Calls `arrive` once, twice or never, at once where nothing holds the frame up. */
  send(clock: Clock, arrive: () => void): void {
    const { minDelayMs, maxDelayMs, drop, duplicate, reorder } = this.#settings;
    const dropped = this.#draw() < drop;
    const second = this.#draw();
    const held = this.#draw();
    const delayMs = minDelayMs + this.#draw() * (maxDelayMs - minDelayMs);
    if (dropped) {
      this.#tally.dropped++;
      return;
    }
    const twice = second < duplicate;
    const passage: Passage = {
      number: ++this.#sent,
      arrive,
      twice,
      secondAfterMs: twice ? extraMs(second / duplicate) : 0,
    };
    if (held < reorder) {
      clock.setTimer(delayMs + extraMs(held / reorder), () => this.#pass(clock, passage));
    } else if (delayMs === 0 && this.#line.length === this.#front) {
      this.#pass(clock, passage);
    } else {
      this.#line.push(passage);
      clock.setTimer(delayMs, () => this.#passUpTo(clock, passage));
    }
  }

  #passUpTo(clock: Clock, last: Passage): void {
    while (this.#front < this.#line.length) {
      const passage = this.#line[this.#front] as Passage;
      if (passage.number > last.number) break;
      this.#front++;
      this.#pass(clock, passage);
    }
    if (this.#front * 2 < this.#line.length) return;
    this.#line.splice(0, this.#front);
    this.#front = 0;
  }

  #pass(clock: Clock, passage: Passage): void {
    if (passage.number < this.#highestArrived) this.#tally.reordered++;
    else this.#highestArrived = passage.number;
    if (passage.twice) {
      clock.setTimer(passage.secondAfterMs, () => {
        this.#tally.duplicated++;
        passage.arrive();
      });
    }
    passage.arrive();
  }
}

/** From a number in [0, 1): 1 to 10 ms. */
function extraMs(fraction: number): number {
  return 1 + Math.floor(fraction * 10);
}
