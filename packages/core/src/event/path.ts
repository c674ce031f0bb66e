import type { Hop } from './event.js';

const longest = 64;
const keptFirst = 8;
const keptLast = 55;
/** A chain of so many links is written out, and begun anew: no more than 63 of its hops can be read ever after. */
const mostLinks = 2 * longest;

/**
 * The hops up to an event, shared by all events that follow from it. A chain holds strings only, never events, so keeping
 * one event alive keeps no other; and no more links than can be read and as many again, however deep the events are.
 */
export interface HopChain {
  readonly before: HopChain | undefined;
  readonly from: string;
  readonly to: string;
  readonly length: number;
  /** At the first link of a chain that began elsewhere, or was begun anew: the hops before it. */
  readonly imported: { readonly hops: readonly Hop[]; readonly omitted: number } | undefined;
}

/** A path with the count of what it leaves out. */
export interface Path {
  readonly hops: readonly Hop[];
  readonly omitted: number;
}

/** An empty path. */
export const rootPath: Path = Object.freeze({ hops: Object.freeze([]), omitted: 0 });

/** The chain of an effect. `chain` is its cause's, `imported` the path of a cause that came over a wire. */
export function extendChain(
  chain: HopChain | undefined,
  imported: Path | undefined,
  from: string,
  to: string,
): HopChain {
  if (chain !== undefined && chain.length >= mostLinks) {
    return { before: undefined, from, to, length: 1, imported: pathOf(chain) };
  }
  return { before: chain, from, to, length: (chain?.length ?? 0) + 1, imported };
}

/** Writes a chain out, shortened in the middle when it is longer than 64 hops. */
export function pathOf(chain: HopChain | undefined): Path {
  if (chain === undefined) return rootPath;
  const hops: Hop[] = [];
  let omitted = 0;
  for (let link: HopChain | undefined = chain; link !== undefined; link = link.before) {
    hops.push(Object.freeze([link.from, link.to] as const));
    if (link.imported !== undefined) {
      for (let i = link.imported.hops.length - 1; i >= 0; i--) hops.push(link.imported.hops[i] as Hop);
      omitted = link.imported.omitted;
    }
  }
  hops.reverse();
  if (hops.length > longest || (omitted > 0 && hops.length > keptFirst + keptLast)) {
    const cut = hops.length - keptFirst - keptLast;
    hops.splice(keptFirst, cut);
    omitted += cut;
  }
  return { hops: Object.freeze(hops), omitted };
}

const mostNamed = 16;

/** The loop at the end of a path, for the message that refuses it: `a → b → a`; of a path without one, the last 16 hops. */
export function repeatingHops(hops: readonly Hop[]): string {
  const last = hops[hops.length - 1];
  if (last === undefined) return '';
  const nodes = [last[1], last[0]];
  for (let i = hops.length - 2; i >= 0 && nodes.length <= mostNamed; i--) {
    const [from, to] = hops[i] as Hop;
    if (from === last[0] && to === last[1]) break;
    nodes.push(from);
  }
  return nodes.reverse().join(' → ');
}
