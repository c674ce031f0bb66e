/**
 * One end of a message port, as far as it is used here. It fits a `MessagePort`, a `Worker` or a `SharedWorker`'s port as the
 * page or the main thread sees them, and what a worker sees of its other side: `parentPort` on Node.js, `self` in a Web
 * Worker. Listening takes `on` and `off` where they are, else `addEventListener`, else `onmessage`.
 */
export interface MessagePortLike {
  /** Hands a message over; the buffers named are moved, not copied. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /** Listens, as Node.js does it. */
  on?(type: string, listener: (value: unknown) => void): unknown;
  /** Ends what `on` began. */
  off?(type: string, listener: (value: unknown) => void): unknown;
  /** Listens, as browsers do it. */
  addEventListener?(type: string, listener: (event: unknown) => void): void;
  /** Ends what `addEventListener` began. */
  removeEventListener?(type: string, listener: (event: unknown) => void): void;
  /** Listens, where there is nothing else. */
  onmessage?: ((event: never) => unknown) | null;
  /** Lets messages come, which a port holds back until then. */
  start?(): void;
  /** Lets the port keep its process alive. */
  ref?(): void;
  /** Lets the process end although the port is open. */
  unref?(): void;
}
