import type { PlacedAddress } from '@happen/core';

/**
 * The address under which an instance takes what is for any of the nodes that it has proven to have: that of one of them. It is
 * the same object for as long as that node is there.
 */
export class SharedAddress {
  readonly #instance: string;
  readonly #proven = new Set<string>();
  #address: PlacedAddress | undefined;

  constructor(instance: string) {
    this.#instance = instance;
  }

  /** None while nothing is proven. */
  get address(): PlacedAddress | undefined {
    return this.#address;
  }

  has(nodeId: string): boolean {
    return this.#proven.has(nodeId);
  }

  add(nodeId: string): void {
    this.#proven.add(nodeId);
    this.#address ??= this.#by(nodeId);
  }

  delete(nodeId: string): void {
    this.#proven.delete(nodeId);
    if (this.#address?.id !== nodeId) return;
    const next = this.#proven.values().next();
    this.#address = next.done === true ? undefined : this.#by(next.value);
  }

  #by(id: string): PlacedAddress {
    return Object.freeze({ kind: 'node', id, instance: this.#instance, shared: true });
  }
}
