import { HappenError } from '../errors/happen-error.js';
import type { Address } from '../ports/transport.js';

/** A frame to an address that nobody has attached yet. */
export interface WaitingFrame<End> {
  readonly end: End;
  readonly to: Exclude<Address, { kind: 'broadcast' }>;
  readonly given: Uint8Array;
  /** The frame itself, since its publisher may have overwritten his array by the time it leaves. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  resolve(): void;
  reject(error: HappenError): void;
}

/** A broadcast for those who are still to come up. */
export interface WaitingBroadcast<End> {
  readonly end: End;
  readonly to: Extract<Address, { kind: 'broadcast' }>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The groups that have had it. */
  readonly served: ReadonlySet<string>;
}

const mostFrames = 10_000;
const mostBytes = 67_108_864;

/** Things that wait, in their order, up to a number and a length of bytes. */
export class WaitingLine<Item extends { readonly bytes: Uint8Array }> {
  #items: Item[] = [];
  #bytes = 0;

  hasRoomFor(bytes: number): boolean {
    return this.#items.length < mostFrames && this.#bytes + bytes <= mostBytes;
  }

  add(item: Item): void {
    this.#bytes += item.bytes.byteLength;
    this.#items.push(item);
  }

  /** Takes out those that are let go. */
  take(isLetGo: (item: Item) => boolean = () => true): Item[] {
    if (this.#items.length === 0) return this.#items;
    const taken: Item[] = [];
    const kept: Item[] = [];
    for (const item of this.#items) (isLetGo(item) ? taken : kept).push(item);
    this.#items = kept;
    for (const { bytes } of taken) this.#bytes -= bytes.byteLength;
    return taken;
  }
}

/** Resolves when the frame has left, or has turned out to have nobody to go to. */
export function waitIn<End>(
  line: WaitingLine<WaitingFrame<End>>,
  end: End,
  to: WaitingFrame<End>['to'],
  given: Uint8Array,
): Promise<void> {
  if (!line.hasRoomFor(given.byteLength)) {
    const message = 'Somebody is still to come up at a port, and too much waits for that already.';
    return Promise.reject(new HappenError('HAPPEN_DISCONNECTED', message));
  }
  return new Promise((resolve, reject) => {
    line.add({ end, to, given, bytes: new Uint8Array(given), resolve, reject });
  });
}
