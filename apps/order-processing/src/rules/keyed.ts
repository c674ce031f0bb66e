/**
 * Values by whole number, which are never changed in place: each change makes another collection that shares with this one
 * all but the way to what was changed. So a change costs about the same whether there are ten entries or a million.
 */
export interface Keyed<Value> extends Iterable<readonly [key: number, value: Value]> {
  readonly size: number;
  has(key: number): boolean;
  get(key: number): Value | undefined;
  /** @throws RangeError for a key that is no whole number from 0 to `Number.MAX_SAFE_INTEGER` */
  with(key: number, value: Value): Keyed<Value>;
  without(key: number): Keyed<Value>;
  /** In the order of the entries, which is always the same for the same keys, but none that means anything. */
  values(): IterableIterator<Value>;
}

/** A collection of these entries; of several with one key the last stands. */
export function keyed<Value>(entries: Iterable<readonly [key: number, value: Value]> = []): Keyed<Value> {
  let all: Keyed<Value> = new Trie<Value>(undefined, 0);
  for (const [key, value] of entries) all = all.with(key, value);
  return all;
}

// A tree in which an entry is found by the digits of its key, the last one first. Whoever chooses the keys can make it no
// deeper than a safe integer has digits.
const radix = 16;

interface Leaf<Value> {
  readonly key: number;
  readonly value: Value;
}
type Branch<Value> = readonly Tree<Value>[];
type Tree<Value> = Branch<Value> | Leaf<Value> | undefined;

const emptyBranch: Branch<never> = Array.from({ length: radix }, () => undefined);

class Trie<Value> implements Keyed<Value> {
  readonly #tree: Tree<Value>;
  readonly size: number;

  constructor(tree: Tree<Value>, size: number) {
    this.#tree = tree;
    this.size = size;
  }

  has(key: number): boolean {
    return find(this.#tree, key) !== undefined;
  }

  get(key: number): Value | undefined {
    return find(this.#tree, key)?.value;
  }

  with(key: number, value: Value): Keyed<Value> {
    if (!Number.isSafeInteger(key) || key < 0) throw new RangeError(`${key} is no whole number from 0`);
    const found = find(this.#tree, key);
    if (found !== undefined && Object.is(found.value, value)) return this;
    const size = found === undefined ? this.size + 1 : this.size;
    return new Trie(withLeaf(this.#tree, { key, value }, 1), size);
  }

  without(key: number): Keyed<Value> {
    return this.has(key) ? new Trie(withoutLeaf(this.#tree, key, 1), this.size - 1) : this;
  }

  *values(): IterableIterator<Value> {
    for (const { value } of leaves(this.#tree)) yield value;
  }

  *[Symbol.iterator](): Iterator<readonly [number, Value]> {
    for (const { key, value } of leaves(this.#tree)) yield [key, value];
  }
}

// `scale` is the weight of the digit that leads on from a tree: 1 at the root, 16 one step down.

function digitOf(key: number, scale: number): number {
  return Math.floor(key / scale) % radix;
}

function find<Value>(tree: Tree<Value>, key: number): Leaf<Value> | undefined {
  let at = tree;
  for (let scale = 1; isBranch(at); scale *= radix) at = at[digitOf(key, scale)];
  return at?.key === key ? at : undefined;
}

function withLeaf<Value>(tree: Tree<Value>, leaf: Leaf<Value>, scale: number): Tree<Value> {
  if (tree === undefined || (!isBranch(tree) && tree.key === leaf.key)) return leaf;
  // Two entries cannot stand in one place: the one that was there moves a step down, and so on until their ways part.
  const branch = isBranch(tree) ? tree : (emptyBranch as Branch<Value>).with(digitOf(tree.key, scale), tree);
  const digit = digitOf(leaf.key, scale);
  return branch.with(digit, withLeaf(branch[digit], leaf, scale * radix));
}

function withoutLeaf<Value>(tree: Tree<Value>, key: number, scale: number): Tree<Value> {
  if (!isBranch(tree)) return undefined;
  const digit = digitOf(key, scale);
  const branch = tree.with(digit, withoutLeaf(tree[digit], key, scale * radix));
  const left = branch.filter((child) => child !== undefined);
  // A branch that leads to a single entry is a detour.
  return left.length > 1 || isBranch(left[0]) ? branch : left[0];
}

function* leaves<Value>(tree: Tree<Value>): Generator<Leaf<Value>> {
  if (isBranch(tree)) for (const child of tree) yield* leaves(child);
  else if (tree !== undefined) yield tree;
}

function isBranch<Value>(tree: Tree<Value>): tree is Branch<Value> {
  return Array.isArray(tree);
}
