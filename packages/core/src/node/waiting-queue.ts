import type { Delivery } from '../flow/delivery.js';

/** In which order waiting deliveries are taken. */
export interface WaitingQueue {
  readonly size: number;
  push(delivery: Delivery): void;
  pop(): Delivery | undefined;
  /** Puts one back that has waited for its key: it goes by its place in the order of arrival. */
  putBack(delivery: Delivery): void;
}

/** First in, first out: a growing ring, so that taking one costs the same however many wait. */
export class FifoQueue implements WaitingQueue {
  #ring: (Delivery | undefined)[] = new Array<Delivery | undefined>(16);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(delivery: Delivery): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#size++) % this.#ring.length] = delivery;
  }

  pop(): Delivery | undefined {
    if (this.#size === 0) return undefined;
    const delivery = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#ring.length;
    this.#size--;
    return delivery;
  }

  putBack(delivery: Delivery): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#head = (this.#head - 1 + this.#ring.length) % this.#ring.length;
    this.#ring[this.#head] = delivery;
    this.#size++;
  }

  #grow(): void {
    const items = Array.from({ length: this.#size }, (_, i) => this.#ring[(this.#head + i) % this.#ring.length]);
    items.length = this.#size * 2;
    this.#ring = items;
    this.#head = 0;
  }
}

/** Highest priority first, and in order of arrival among equals: a binary heap. */
export class PriorityQueue implements WaitingQueue {
  readonly #heap: Delivery[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(delivery: Delivery): void {
    const heap = this.#heap;
    let index = heap.push(delivery) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(delivery, heap[parent] as Delivery)) break;
      heap[index] = heap[parent] as Delivery;
      index = parent;
    }
    heap[index] = delivery;
  }

  pop(): Delivery | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || first === last) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as Delivery)) child++;
      if (!isBefore(heap[child] as Delivery, last)) break;
      heap[index] = heap[child] as Delivery;
      index = child;
    }
    heap[index] = last;
    return first;
  }

  putBack(delivery: Delivery): void {
    this.push(delivery);
  }
}

function isBefore(a: Delivery, b: Delivery): boolean {
  return a.priority === b.priority ? a.order < b.order : a.priority > b.priority;
}
