import type { Socket } from 'node:net';

interface Piece {
  readonly due: number;
  /** `undefined`: the end of what is sent. */
  readonly bytes: Buffer | undefined;
}

/** How much may be under way in a delayed direction before its sender has to wait, in bytes. */
const mostDelayed = 16 * 1024 * 1024;

/** Carries what one socket receives to another, in order, and only when it may. */
export class OneWay {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #pieces: Piece[] = [];
  #size = 0;
  #delayMs = 0;
  #stalled = false;
  #full = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.on('end', () => this.#take(undefined));
    to.on('drain', () => {
      this.#full = false;
      this.#carry();
    });
  }

  /** While it is stalled nothing is read, so that the sender's own buffers fill up, as they do before a dead network. */
  set(stalled: boolean, delayMs: number): void {
    this.#stalled = stalled;
    this.#delayMs = delayMs;
    this.#carry();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#pieces.length = 0;
  }

  #take(bytes: Buffer | undefined): void {
    this.#pieces.push({ due: performance.now() + this.#delayMs, bytes });
    this.#size += bytes?.length ?? 0;
    this.#carry();
  }

  #carry(): void {
    clearTimeout(this.#timer);
    while (!this.#stalled && !this.#full) {
      const piece = this.#pieces[0];
      if (piece === undefined) break;
      // What was sent before the delay was taken back need not wait for it.
      const wait = this.#delayMs === 0 ? 0 : piece.due - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#carry(), wait);
        break;
      }
      this.#pieces.shift();
      if (piece.bytes === undefined) {
        this.#to.end();
      } else {
        this.#size -= piece.bytes.length;
        this.#full = !this.#to.write(piece.bytes);
      }
    }
    if (this.#stalled || this.#full || this.#size > mostDelayed) this.#from.pause();
    else this.#from.resume();
  }
}
