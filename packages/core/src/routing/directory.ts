import { compilePattern, type Matcher } from '../flow/pattern.js';

/** Those that share a name (a node id, an instance id, a group), of which each frame goes to one. */
export interface Members<Member> {
  readonly list: Member[];
  /** Counts the frames, so that they go round. */
  turn: number;
}

/** One that takes broadcasts for its group. */
export interface GroupMember {
  readonly group: string;
  interests: readonly Matcher[];
}

/** Members by name. */
export class NameDirectory<Member> {
  readonly #byName = new Map<string, Members<Member>>();

  add(name: string, member: Member): void {
    const members = this.#byName.get(name);
    if (members === undefined) this.#byName.set(name, { list: [member], turn: 0 });
    else members.list.push(member);
  }

  remove(name: string, member: Member): void {
    const members = this.#byName.get(name);
    if (members === undefined || !takeOut(members.list, member)) return;
    if (members.list.length === 0) this.#byName.delete(name);
  }

  find(name: string): Members<Member> | undefined {
    return this.#byName.get(name);
  }
}

/** Members of groups, found by the type of an event. */
export class ListenerDirectory<Member extends GroupMember> {
  readonly #groups = new Map<string, Members<Member>>();
  /** What a type found last time; emptied whenever an interest changes, and when it grows too large. */
  readonly #found = new Map<string, readonly Members<Member>[]>();

  add(member: Member): void {
    const members = this.#groups.get(member.group);
    if (members === undefined) this.#groups.set(member.group, { list: [member], turn: 0 });
    else members.list.push(member);
    this.#found.clear();
  }

  remove(member: Member): void {
    const members = this.#groups.get(member.group);
    if (members === undefined || !takeOut(members.list, member)) return;
    if (members.list.length === 0) this.#groups.delete(member.group);
    this.#found.clear();
  }

  /** To be called when the interests of a member have been replaced. */
  interestsChanged(): void {
    this.#found.clear();
  }

  /** For each group with an interest in the type, those of its members that have it. */
  find(type: string): readonly Members<Member>[] {
    const known = this.#found.get(type);
    if (known !== undefined) return known;
    const found: Members<Member>[] = [];
    for (const members of this.#groups.values()) {
      const list = members.list.filter(({ interests }) => interests.some((matches) => matches(type)));
      if (list.length > 0) found.push({ list, turn: 0 });
    }
    if (this.#found.size >= rememberedTypes) this.#found.clear();
    this.#found.set(type, found);
    return found;
  }
}

/** @throws HappenError `HAPPEN_INVALID_PATTERN` */
export function interestsOf(patterns: readonly string[]): readonly Matcher[] {
  return patterns.map((pattern) => compilePattern(pattern).matches);
}

const rememberedTypes = 1_000;

function takeOut<Item>(list: Item[], item: Item): boolean {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
  return index >= 0;
}
