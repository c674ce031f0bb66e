import { compilePattern, type Matcher } from '../flow/pattern.js';
import type { Receive } from '../ports/transport.js';

/** One receiver of one transport: what `attach` and `listen` leave at the hub. */
export interface Endpoint<Owner> {
  readonly owner: Owner;
  readonly receive: Receive;
  open: boolean;
}

/** The endpoints that share a name (a node id, an instance id, a group), of which each frame goes to one. */
export interface Members<Owner, Member extends Endpoint<Owner> = Endpoint<Owner>> {
  readonly list: Member[];
  /** Counts the frames, so that they go round. */
  turn: number;
}

export interface ListeningEndpoint<Owner> extends Endpoint<Owner> {
  readonly group: string;
  interests: readonly Matcher[];
}

/** Endpoints by name. */
export class NameDirectory<Owner> {
  readonly #byName = new Map<string, Members<Owner>>();

  add(name: string, endpoint: Endpoint<Owner>): void {
    const members = this.#byName.get(name);
    if (members === undefined) this.#byName.set(name, { list: [endpoint], turn: 0 });
    else members.list.push(endpoint);
  }

  remove(name: string, endpoint: Endpoint<Owner>): void {
    const members = this.#byName.get(name);
    if (members === undefined || !takeOut(members.list, endpoint)) return;
    if (members.list.length === 0) this.#byName.delete(name);
  }

  find(name: string): Members<Owner> | undefined {
    return this.#byName.get(name);
  }
}

/** Listening endpoints by group, found by the type of an event. */
export class ListenerDirectory<Owner> {
  readonly #groups = new Map<string, Members<Owner, ListeningEndpoint<Owner>>>();
  /** What a type found last time; emptied whenever an interest changes, and when it grows too large. */
  readonly #found = new Map<string, readonly Members<Owner, ListeningEndpoint<Owner>>[]>();

  add(endpoint: ListeningEndpoint<Owner>): void {
    const members = this.#groups.get(endpoint.group);
    if (members === undefined) this.#groups.set(endpoint.group, { list: [endpoint], turn: 0 });
    else members.list.push(endpoint);
    this.#found.clear();
  }

  remove(endpoint: ListeningEndpoint<Owner>): void {
    const members = this.#groups.get(endpoint.group);
    if (members === undefined || !takeOut(members.list, endpoint)) return;
    if (members.list.length === 0) this.#groups.delete(endpoint.group);
    this.#found.clear();
  }

  /** To be called when the interests of an endpoint have been replaced. */
  interestsChanged(): void {
    this.#found.clear();
  }

  /** For each group with an interest in the type, those of its members that have it. */
  find(type: string): readonly Members<Owner, ListeningEndpoint<Owner>>[] {
    const known = this.#found.get(type);
    if (known !== undefined) return known;
    const found: Members<Owner, ListeningEndpoint<Owner>>[] = [];
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
