import type { Delivery } from '../flow/delivery.js';

/** In which order waiting deliveries are taken. */
export interface WaitingQueue {
  readonly size: number;
  push(delivery: Delivery): void;
  pop(): Delivery | undefined;
  /** Puts one back that has waited for its key: it goes by its place in the order of arrival. */
  putBack(delivery: Delivery): void;
  /** Takes out those for which nobody waits any more. Costs a look at each that waits. */
  takeCancelled(): readonly Delivery[];
}

/**
 * First in, first out: a growing ring, so that taking one costs the same however many wait. What is put back stands beside
 * it, since its place by arrival may be anywhere among the others.
 */
export class FifoQueue implements WaitingQueue {
  #ring: (Delivery | undefined)[] = new Array<Delivery | undefined>(16);
  #head = 0;
  #inRing = 0;
  #returned: DeliveryHeap | undefined;

  get size(): number {
    return this.#inRing + (this.#returned?.size ?? 0);
  }

  push(delivery: Delivery): void {
    if (this.#inRing === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#inRing++) % this.#ring.length] = delivery;
  }

  pop(): Delivery | undefined {
    const delivery = this.#ring[this.#head];
    const returned = this.#returned?.first;
    if (returned !== undefined && (delivery === undefined || returned.extras.order < delivery.extras.order))
      return this.#returned?.pop();
    if (delivery === undefined) return undefined;
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#ring.length;
    this.#inRing--;
    return delivery;
  }

  putBack(delivery: Delivery): void {
    this.#returned ??= new DeliveryHeap(arrivedBefore);
    this.#returned.push(delivery);
  }

  takeCancelled(): readonly Delivery[] {
    const taken = [...(this.#returned?.takeCancelled() ?? [])];
    const waiting = Array.from({ length: this.#inRing }, (_, i) => this.#ring[(this.#head + i) % this.#ring.length]);
    this.#ring.fill(undefined);
    this.#head = 0;
    this.#inRing = 0;
    for (const delivery of waiting as Delivery[]) {
      if (delivery.cancelled === undefined) this.#ring[this.#inRing++] = delivery;
      else taken.push(delivery);
    }
    return taken;
  }

  #grow(): void {
    const items = Array.from({ length: this.#inRing }, (_, i) => this.#ring[(this.#head + i) % this.#ring.length]);
    items.length = this.#inRing * 2;
    this.#ring = items;
    this.#head = 0;
  }
}

/** Highest priority first, and in order of arrival among equals. */
export class PriorityQueue implements WaitingQueue {
  readonly #heap = new DeliveryHeap(goesBefore);

  get size(): number {
    return this.#heap.size;
  }

  push(delivery: Delivery): void {
    this.#heap.push(delivery);
  }

  pop(): Delivery | undefined {
    return this.#heap.pop();
  }

  putBack(delivery: Delivery): void {
    this.#heap.push(delivery);
  }

  takeCancelled(): readonly Delivery[] {
    return this.#heap.takeCancelled();
  }
}

type Before = (a: Delivery, b: Delivery) => boolean;

/** A binary heap. */
class DeliveryHeap {
  readonly #isBefore: Before;
  #heap: Delivery[] = [];

  constructor(isBefore: Before) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#heap.length;
  }

  get first(): Delivery | undefined {
    return this.#heap[0];
  }

  push(delivery: Delivery): void {
    const heap = this.#heap;
    let index = heap.push(delivery) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(delivery, heap[parent] as Delivery)) break;
      heap[index] = heap[parent] as Delivery;
      index = parent;
    }
    heap[index] = delivery;
  }

  takeCancelled(): readonly Delivery[] {
    const waiting = this.#heap;
    this.#heap = [];
    const taken: Delivery[] = [];
    for (const delivery of waiting) {
      if (delivery.cancelled === undefined) this.push(delivery);
      else taken.push(delivery);
    }
    return taken;
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
      if (right !== undefined && this.#isBefore(right, heap[child] as Delivery)) child++;
      if (!this.#isBefore(heap[child] as Delivery, last)) break;
      heap[index] = heap[child] as Delivery;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function arrivedBefore(a: Delivery, b: Delivery): boolean {
  return a.extras.order < b.extras.order;
}

function goesBefore(a: Delivery, b: Delivery): boolean {
  return a.priority === b.priority ? a.extras.order < b.extras.order : a.priority > b.priority;
}
