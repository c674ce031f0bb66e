import { HappenError } from '../errors/happen-error.js';
import type { MessagePortLike } from './message-port.js';

/** What is told of a port. None of it may throw. */
export interface LineEvents {
  message(data: unknown): void;
  /** A message came that could not be read by the runtime itself. */
  unreadable(): void;
  /** The runtime tells that nothing will come any more. */
  ended(reason: string): void;
}

type Listener = (value: unknown) => void;

/**
 * Listens to a port and posts to it, in whichever of the runtimes' three ways the port offers. The port itself stays the
 * user's: it is never closed here, since closing what a worker sees of its other side would end the worker.
 */
export class PortLine {
  readonly #port: MessagePortLike;
  readonly #listeners: readonly (readonly [type: string, listener: Listener])[];
  #listening = false;

  constructor(port: MessagePortLike, events: LineEvents) {
    this.#port = port;
    // Node hands over the data, and everybody else an event that holds it.
    const message: Listener =
      port.on === undefined
        ? (event) => events.message((event as { readonly data: unknown }).data)
        : (data) => events.message(data);
    this.#listeners = [
      ['message', message],
      ['messageerror', () => events.unreadable()],
      ['close', () => events.ended('the other side of the port has closed')],
      ['exit', (code) => events.ended(`the worker has ended with exit code ${String(code)}`)],
    ];
  }

  /** @param keepAlive whether the port alone keeps the process running, where the runtime lets one say so */
  listen(keepAlive: boolean): void {
    const port = this.#port;
    this.#listening = true;
    if (port.on !== undefined) for (const [type, listener] of this.#listeners) port.on(type, listener);
    else if (port.addEventListener !== undefined)
      for (const [type, listener] of this.#listeners) port.addEventListener(type, listener);
    else port.onmessage = this.#listeners[0]?.[1] as Listener;
    port.start?.();
    if (!keepAlive) port.unref?.();
  }

  post(message: unknown, transfer: ArrayBuffer[]): void {
    this.#port.postMessage(message, transfer);
  }

  /** Hears nothing from now on. */
  close(): void {
    if (!this.#listening) return;
    this.#listening = false;
    const port = this.#port;
    if (port.off !== undefined) for (const [type, listener] of this.#listeners) port.off(type, listener);
    else if (port.removeEventListener !== undefined)
      for (const [type, listener] of this.#listeners) port.removeEventListener(type, listener);
    else port.onmessage = null;
  }
}

/**
 * @throws HappenError `HAPPEN_INVALID_OPTION`
 */
export function checkPort(what: string, port: unknown): asserts port is MessagePortLike {
  const expected = 'a MessagePort, a Worker, or what a worker sees of its other side (`parentPort`, `self`)';
  if (typeof port !== 'object' || port === null || typeof (port as MessagePortLike).postMessage !== 'function')
    throw invalid(what, expected, port === null ? 'null' : typeof port);
  // Whatever is posted there reaches everybody, while a port has one other side.
  if ((port as object).constructor?.name === 'BroadcastChannel') throw invalid(what, expected, 'a BroadcastChannel');
}

function invalid(what: string, expected: string, found: string): HappenError {
  return new HappenError('HAPPEN_INVALID_OPTION', `${what} takes ${expected}, not ${found}.`, {
    details: { path: 'port', expected },
  });
}
