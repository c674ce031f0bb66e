/**
 * The nodes of a space, by id and by what they listen to.
 *
 * Invariants:
 * 1. Node ids are unique within the space.
 * 2. `#byType` answers from the registrations as they are: every change of any node's empties it.
 */
import { HappenError } from '../errors/happen-error.js';
import type { Delivery } from '../flow/delivery.js';
import type { HappenNode } from '../node/happen-node.js';
import type { NodeCore } from '../node/node-core.js';

/** A node inside and out. */
export interface LocalNode {
  readonly core: NodeCore;
  readonly node: HappenNode;
  /** Set once its closing has begun. */
  closed: Promise<void> | undefined;
  /** What is being handled there and waits for that. */
  waiting: Set<Delivery> | undefined;
}

const mostRememberedTypes = 1024;

export class LocalNodes {
  readonly #byId = new Map<string, LocalNode>();
  readonly #byType = new Map<string, readonly NodeCore[]>();
  readonly #tell: ((changed: NodeCore) => void) | undefined;
  #changed: Set<NodeCore> | undefined;

  /** @param tell - told of each node that listens to other types than before, once for all changes of a turn */
  constructor(tell: ((changed: NodeCore) => void) | undefined) {
    this.#tell = tell;
  }

  /** @throws HappenError `HAPPEN_DUPLICATE_NODE` */
  checkFree(id: string): void {
    if (!this.#byId.has(id)) return;
    throw new HappenError(
      'HAPPEN_DUPLICATE_NODE',
      `There is a node "${id}" in this space already. Choose another id, or close the first.`,
      { details: { node: id } },
    );
  }

  add(core: NodeCore, node: HappenNode): void {
    this.#byId.set(core.id, { core, node, closed: undefined, waiting: undefined });
    this.#byType.clear();
  }

  remove(core: NodeCore): void {
    this.#byId.delete(core.id);
    this.#byType.clear();
  }

  get(id: string): LocalNode | undefined {
    return this.#byId.get(id);
  }

  cores(): NodeCore[] {
    return [...this.#byId.values()].map(({ core }) => core);
  }

  /** How many listen to anything. */
  listening(): number {
    let count = 0;
    for (const { core } of this.#byId.values()) if (core.interests().length > 0) count++;
    return count;
  }

  listeners(type: string): readonly NodeCore[] {
    const remembered = this.#byType.get(type);
    if (remembered !== undefined) return remembered;
    const found: NodeCore[] = [];
    for (const { core } of this.#byId.values()) if (core.handles(type)) found.push(core);
    if (this.#byType.size >= mostRememberedTypes) this.#byType.clear();
    this.#byType.set(type, found);
    return found;
  }

  interestsChanged(node: NodeCore): void {
    this.#byType.clear();
    const tell = this.#tell;
    if (tell === undefined) return;
    if (this.#changed === undefined) {
      this.#changed = new Set();
      void Promise.resolve().then(() => {
        const changed = this.#changed ?? [];
        this.#changed = undefined;
        for (const each of changed) tell(each);
      });
    }
    this.#changed.add(node);
  }
}
