import type { Matcher } from '../flow/pattern.js';
import { interestsOf, ListenerDirectory, type Members, NameDirectory } from '../routing/directory.js';
import type { DirectKind, NewsMessage } from './port-messages.js';

/** A running space somewhere among the ports, and what it takes. */
export interface Party<Way> {
  /** The id of its instance. */
  readonly id: string;
  /** How it is reached. */
  readonly way: Way;
  readonly names: { readonly [Kind in DirectKind]: Set<string> };
  readonly groups: Map<string, PartyListener<Way>>;
}

interface PartyListener<Way> {
  readonly party: Party<Way>;
  readonly group: string;
  patterns: readonly string[];
  interests: readonly Matcher[];
}

/** Who takes what, of all parties that are known. */
export class PartyDirectory<Way> {
  readonly parties = new Map<string, Party<Way>>();
  readonly #names: { readonly [Kind in DirectKind]: NameDirectory<Party<Way>> } = {
    node: new NameDirectory(),
    instance: new NameDirectory(),
  };
  readonly #listeners = new ListenerDirectory<PartyListener<Way>>();

  join(id: string, way: Way): Party<Way> {
    const party: Party<Way> = { id, way, names: { node: new Set(), instance: new Set() }, groups: new Map() };
    this.parties.set(id, party);
    return party;
  }

  leave(party: Party<Way>): void {
    for (const kind of ['node', 'instance'] as const) {
      for (const name of party.names[kind]) this.#names[kind].remove(name, party);
    }
    for (const listener of party.groups.values()) this.#listeners.remove(listener);
    this.parties.delete(party.id);
  }

  attach(party: Party<Way>, kind: DirectKind, id: string): void {
    if (party.names[kind].has(id)) return;
    party.names[kind].add(id);
    this.#names[kind].add(id, party);
  }

  detach(party: Party<Way>, kind: DirectKind, id: string): void {
    if (party.names[kind].delete(id)) this.#names[kind].remove(id, party);
  }

  /** @throws HappenError `HAPPEN_INVALID_PATTERN` */
  listen(party: Party<Way>, group: string, patterns: readonly string[]): void {
    const interests = interestsOf(patterns);
    const known = party.groups.get(group);
    if (known !== undefined) {
      known.patterns = patterns;
      known.interests = interests;
      this.#listeners.interestsChanged();
      return;
    }
    const listener: PartyListener<Way> = { party, group, patterns, interests };
    party.groups.set(group, listener);
    this.#listeners.add(listener);
  }

  unlisten(party: Party<Way>, group: string): void {
    const known = party.groups.get(group);
    if (known === undefined) return;
    party.groups.delete(group);
    this.#listeners.remove(known);
  }

  /** One of those that take what is sent to this address, by turns, but for `except`. */
  find(kind: DirectKind, id: string, except: Party<Way>): Party<Way> | undefined {
    return inTurn(this.#names[kind].find(id), (party) => party !== except);
  }

  /**
   * For each group that listens to the type the one party that shall take it, by turns.
   *
   * @param suits which parties come into question
   */
  listeners(
    type: string,
    suits: (party: Party<Way>) => boolean,
    isWanted: (group: string) => boolean = () => true,
  ): Map<Party<Way>, string[]> {
    const chosen = new Map<Party<Way>, string[]>();
    for (const members of this.#listeners.find(type)) {
      const listener = inTurn(members, ({ party }) => suits(party));
      if (listener === undefined || !isWanted(listener.group)) continue;
      const groups = chosen.get(listener.party);
      if (groups === undefined) chosen.set(listener.party, [listener.group]);
      else groups.push(listener.group);
    }
    return chosen;
  }
}

/** How much a party takes: each name and each pattern counts. */
export function weightOf({ names, groups }: Party<unknown>): number {
  let weight = 1 + names.node.size + names.instance.size;
  for (const { patterns } of groups.values()) weight += 1 + patterns.length;
  return weight;
}

/** All there is to tell of a party. */
export function* newsOf({ id, names, groups }: Party<unknown>): Generator<NewsMessage> {
  yield ['happen.join', id];
  for (const kind of ['node', 'instance'] as const) {
    for (const name of names[kind]) yield ['happen.attach', id, kind, name];
  }
  for (const { group, patterns } of groups.values()) yield ['happen.listen', id, group, patterns];
}

function inTurn<Member>(members: Members<Member> | undefined, suits: (member: Member) => boolean): Member | undefined {
  if (members === undefined) return undefined;
  const { list } = members;
  for (let step = 0; step < list.length; step++) {
    const index = (members.turn + step) % list.length;
    const member = list[index] as Member;
    if (!suits(member)) continue;
    members.turn = index + 1;
    return member;
  }
  return undefined;
}
