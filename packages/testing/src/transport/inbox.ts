import type { Receive } from '@happen/core';
import { numberOf } from './frames.js';

/** From this number on, frames are sentinels: sent to show that what was sent before them has arrived by now, or never will. */
export const firstSentinel = 0x8000_0000;

/** Keeps what a receiver is handed, in order. */
export class Inbox {
  readonly frames: Uint8Array[] = [];
  /** Called for each frame, after it was kept. */
  onFrame: (frame: Uint8Array) => void = () => {};

  readonly receive: Receive = (frame) => {
    this.frames.push(frame);
    this.onFrame(frame);
  };

  /** The numbers of the frames so far, but for sentinels. */
  numbers(): number[] {
    return this.frames.map(numberOf).filter((number) => number < firstSentinel);
  }

  has(number: number): boolean {
    return this.frames.some((frame) => numberOf(frame) === number);
  }
}
