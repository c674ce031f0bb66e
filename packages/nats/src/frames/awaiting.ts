import type { DirectAddress } from './direct-address.js';

interface Awaited {
  readonly to: DirectAddress;
  readonly frame: Uint8Array;
}

/**
 * Frames that nobody took after a reconnect, while those who may take them have yet to connect again themselves. Bounded in
 * bytes.
 */
export class Awaiting {
  readonly #limit: number;
  #frames: Awaited[] = [];
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether there was room for it. */
  add(to: DirectAddress, frame: Uint8Array): boolean {
    if (this.#bytes + frame.byteLength > this.#limit) return false;
    this.#bytes += frame.byteLength;
    this.#frames.push({ to, frame });
    return true;
  }

  takeAll(): readonly Awaited[] {
    const frames = this.#frames;
    this.#frames = [];
    this.#bytes = 0;
    return frames;
  }
}
