import type { PlacedAddress } from '@happen/core';
import type { SharedAddress } from './shared-address.js';

/** The instances that have attached one node, in turn. */
export class Places {
  readonly #nodeId: string;
  /** By instance: the address of the node there. */
  readonly #addresses = new Map<string, PlacedAddress>();
  #list: readonly string[] = [];
  #turn = Math.floor(Math.random() * 1024);
  #wereSeveral = false;
  /** What the only place takes the node's events under, together with those of its other nodes. */
  shared: SharedAddress | undefined;
  /** Whether the only place, which has other nodes as well, has yet to be asked to prove that it has this one. */
  isUnproven = false;

  constructor(nodeId: string) {
    this.#nodeId = nodeId;
  }

  get isEmpty(): boolean {
    return this.#list.length === 0;
  }

  add(instance: string): void {
    this.#addresses.set(instance, Object.freeze({ kind: 'node', id: this.#nodeId, instance }));
    this.#changed();
  }

  delete(instance: string): void {
    this.#addresses.delete(instance);
    this.#changed();
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#list[Symbol.iterator]();
  }

  /** One of them, each in turn. */
  next(): string | undefined {
    return this.#list[this.#turn++ % Math.max(this.#list.length, 1)];
  }

  /** The only one there is. */
  only(): string | undefined {
    return this.#list.length === 1 ? this.#list[0] : undefined;
  }

  /** Whom to choose: each in turn, or the one to which an affinity falls. Nobody where there is one and never were more. */
  choose(affinity: string | undefined): PlacedAddress | undefined {
    if (!this.#wereSeveral) return undefined;
    const instance = affinity === undefined ? this.next() : highest(this.#list, affinity);
    return instance === undefined ? undefined : this.#addresses.get(instance);
  }

  #changed(): void {
    this.#list = [...this.#addresses.keys()];
    this.#wereSeveral ||= this.#list.length > 1;
  }
}

/** By rendezvous hashing (Thaler and Ravishankar, 1998): who comes or goes moves nothing between the others. */
function highest(instances: readonly string[], affinity: string): string | undefined {
  let found: string | undefined;
  let most = -1;
  for (const instance of instances) {
    const weight = hash(`${affinity}\u0000${instance}`);
    if (weight < most || (weight === most && instance < (found as string))) continue;
    most = weight;
    found = instance;
  }
  return found;
}

/** FNV-1a over the UTF-16 code units, with the last step of MurmurHash3, since the end of a text would move too few bits. */
function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) bits = Math.imul(bits ^ text.charCodeAt(at), 0x01000193);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
