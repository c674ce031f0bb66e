/**
 * Frames that wait for the connection, in their order. What waits is bounded in bytes; a frame longer than the bound waits
 * alone.
 */
import type { Address } from '@happen/core';
import { disconnected } from '../connection/failures.js';
import type { GroupAddress } from './direct-address.js';

export interface WaitingFrame {
  readonly to: Address | GroupAddress;
  readonly frame: Uint8Array;
  readonly left: () => void;
  readonly failed: (error: unknown) => void;
  /** What is left of it to send, once it has begun to leave in parts. */
  parts: Iterator<unknown> | undefined;
}

export class Outbox {
  readonly #limit: number;
  #waiting: WaitingFrame[] = [];
  #front = 0;
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#front === this.#waiting.length;
  }

  /** Rejects with `HAPPEN_DISCONNECTED` when there is no room, or the frame is dropped before it could leave. */
  add(to: Address | GroupAddress, frame: Uint8Array): Promise<void> {
    if (!this.isEmpty && this.#bytes + frame.byteLength > this.#limit) {
      const waiting = this.#waiting.length - this.#front;
      return Promise.reject(
        disconnected(
          `${waiting} frames of ${this.#bytes} bytes wait for the NATS connection; there is no room for more.`,
        ),
      );
    }
    this.#bytes += frame.byteLength;
    return new Promise((left, failed) => this.#waiting.push({ to, frame, left, failed, parts: undefined }));
  }

  first(): WaitingFrame | undefined {
    return this.#waiting[this.#front];
  }

  removeFirst(): void {
    this.#bytes -= (this.#waiting[this.#front] as WaitingFrame).frame.byteLength;
    this.#front++;
    if (this.#front === this.#waiting.length) {
      this.#waiting = [];
      this.#front = 0;
    } else if (this.#front >= 1024 && this.#front * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#front);
      this.#front = 0;
    }
  }

  failAll(error: unknown): void {
    const waiting = this.#waiting.slice(this.#front);
    this.#waiting = [];
    this.#front = 0;
    this.#bytes = 0;
    for (const { failed } of waiting) failed(error);
  }
}
