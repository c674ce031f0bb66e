/**
 * One end of a message port, as far as it is used here. It fits a `MessagePort`, a `Worker` or a `SharedWorker`'s port as the
 * page or the main thread sees them, and what a worker sees of its other side: `parentPort` on Node.js, `self` in a Web
 * Worker. Listening takes `on` and `off` where they are, else `addEventListener`, else `onmessage`.
 */
export interface MessagePortLike {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  on?(type: string, listener: (value: unknown) => void): unknown;
  off?(type: string, listener: (value: unknown) => void): unknown;
  addEventListener?(type: string, listener: (event: unknown) => void): void;
  removeEventListener?(type: string, listener: (event: unknown) => void): void;
  onmessage?: ((event: never) => unknown) | null;
  start?(): void;
  ref?(): void;
  unref?(): void;
}
