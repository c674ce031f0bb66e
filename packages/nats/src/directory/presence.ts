/**
 * Who lives where, from what instances announce: at each change, every two seconds, and when asked. No server keeps it, so that
 * it works on any; an instance that says nothing for six seconds is gone.
 *
 * 1. Every announcement of an instance says its revision. Whoever has missed one asks that instance for all of it, once.
 * 2. Instances and nodes of strangers are bounded in number, and in what they take together. What does not fit is not known.
 * 3. Whoever hears others and has not spoken himself for three seconds speaks then. Browsers run the timers of a page in the
 *    background once a minute, but hand messages over.
 */
import type { NodeDescription, PlacedAddress, Timer } from '@happen/core';
import type { DirectAddress } from '../frames/direct-address.js';
import { mayMatch } from '../subjects/type-subject.js';
import { type AnnouncedNode, type Announcement, weightOf } from './announcement.js';
import { type AnnouncingHost, OwnAnnouncements } from './own-announcements.js';
import { Places } from './places.js';
import { SharedAddress } from './shared-address.js';
import { asDirectoryNode, type Directory, type DirectoryChange, type DirectoryNode, type Known } from './directory.js';

const beatMs = 2_000;
/** After so long our timer is late: browsers hold timers back, and long work does. */
const lateMs = 3_000;
const silenceMs = 6_000;
const mostInstances = 4_096;
const mostNodes = 20_000;
/** In characters, of all that others have announced. */
const mostWeight = 32_000_000;

export interface PresenceHost extends AnnouncingHost {
  readonly instance: string;
  /** Asks an instance, or every one, to say all of itself. */
  ask(instance: string | undefined): void;
  /** @param inOrder whether it said goodbye */
  gone(instance: string, inOrder: boolean): void;
  /** An instance that had yet to be heard of after a reconnect has been, or is gone. */
  awaitedNoMore(): void;
  conflict(nodeId: string, instance: string): void;
  /** Asks an instance to prove that it has a node: `Presence.proven` hears of it. */
  prove(nodeId: string, instance: string): void;
}

export class Presence implements Pick<Directory, 'nodes' | 'watch'> {
  readonly #host: PresenceHost;
  readonly #own: OwnAnnouncements;
  readonly #known = new Map<string, Known>();
  /** The instances that have attached a node, by its id. */
  readonly #places = new Map<string, Places>();
  readonly #conflicts = new Set<string>();
  readonly #watchers = new Set<(change: DirectoryChange) => void>();
  #nodeCount = 0;
  #connected = false;
  #sweptAt = 0;
  #timer: Timer | undefined;
  #turn = 0;
  #weight = 0;

  constructor(host: PresenceHost) {
    this.#host = host;
    this.#own = new OwnAnnouncements(host, (kind, node) => this.#tell(kind, host.instance, node));
  }

  // --- this instance

  add(id: string, node: NodeDescription = { exclusive: false }): void {
    this.#own.add(id, node);
    // They may have died a moment ago, as when this one takes over: whoever has not says so.
    for (const instance of this.#places.get(id) ?? []) if (this.#isConflict(id, instance)) this.#host.ask(instance);
  }

  listens(id: string, patterns: readonly string[]): void {
    this.#own.listens(id, patterns);
  }

  remove(id: string): void {
    this.#own.remove(id);
  }

  /** Says at once what has changed since it was said last. */
  flush(): void {
    this.#own.flush();
  }

  /** Somebody wants to know all of this instance. */
  asked(): void {
    this.#own.asked();
  }

  connected(): void {
    this.#connected = true;
    const now = this.#now();
    // Silence while we heard nothing proves nothing.
    for (const known of this.#known.values()) {
      known.heardAt = now;
      known.isBack = false;
      known.asked = false;
      this.#endWhole(known);
    }
    for (const [id, places] of this.#places) this.#settle(id, places);
    this.#sweptAt = now;
    this.#own.up();
    this.#host.ask(undefined);
    this.#setTimer();
  }

  disconnected(): void {
    this.#connected = false;
    this.#timer?.clear();
    this.#timer = undefined;
    this.#own.down();
  }

  /** Says goodbye. */
  leave(): void {
    if (this.#connected) this.#host.announce({ kind: 'bye' });
    this.disconnected();
    this.#known.clear();
    this.#places.clear();
    this.#watchers.clear();
  }

  // --- the others

  take(instance: string, announcement: Announcement): void {
    if (instance === this.#host.instance || !this.#connected) return;
    if (announcement.kind === 'bye') {
      this.#forget(instance, true);
      return;
    }
    const known = this.#knownOf(instance);
    if (known === undefined) return;
    const now = this.#now();
    known.heardAt = now;
    if (now - this.#sweptAt >= lateMs) this.#beat();
    this.#takeNews(instance, known, announcement);
    if (known.isBack) return;
    known.isBack = true;
    this.#host.awaitedNoMore();
  }

  #takeNews(instance: string, known: Known, announcement: Exclude<Announcement, { kind: 'bye' }>): void {
    if (announcement.kind === 'all') {
      this.#takeWhole(instance, known, announcement);
      return;
    }
    const isNext = announcement.kind === 'change' && announcement.revision === known.revision + 1;
    if (isNext) {
      known.revision = announcement.revision;
      for (const id of announcement.gone) this.#drop(instance, known, id);
      for (const node of announcement.nodes) this.#put(instance, known, node);
      return;
    }
    if (announcement.revision !== known.revision && !known.asked) {
      known.asked = true;
      this.#host.ask(instance);
    }
  }

  /** One of the other instances that have attached a node, each in turn. */
  placeOf(nodeId: string): string | undefined {
    return this.#places.get(nodeId)?.next();
  }

  /**
   * Of several other instances that have attached a node, the one whose turn it is, or to which an affinity falls; of one alone
   * that has proven to have it, the address that all its nodes share.
   */
  addressFor(nodeId: string, affinity: string | undefined): PlacedAddress | undefined {
    const places = this.#places.get(nodeId);
    if (places === undefined) return undefined;
    if (places.isUnproven) this.#askForProof(nodeId, places);
    return places.shared?.address ?? places.choose(affinity);
  }

  /** An instance has shown that it may have what is sent to a node. */
  proven(nodeId: string, instance: string): void {
    const known = this.#known.get(instance);
    const places = this.#places.get(nodeId);
    if (known === undefined || places === undefined || !known.nodes.has(nodeId)) return;
    known.shared.add(nodeId);
    this.#settle(nodeId, places);
  }

  /** Another instance that listens to all of these broadcasts for a group. */
  listenerIn(group: string, patterns: readonly string[]): string | undefined {
    if (patterns.length === 0) return undefined;
    for (const instance of this.#places.get(group) ?? []) {
      const there = this.#known.get(instance)?.nodes.get(group)?.patterns ?? [];
      if (there.includes('**') || patterns.every((pattern) => there.includes(pattern))) return instance;
    }
    return undefined;
  }

  /** The instance that has attached a node, if it is the only one elsewhere. */
  onlyPlaceOf(nodeId: string): string | undefined {
    return this.#places.get(nodeId)?.only();
  }

  /**
   * Whether somebody takes what goes there, as far as is known, and none of them has been heard of since this instance
   * connected: they may be about to connect as well.
   */
  isAwaited({ kind, id }: DirectAddress): boolean {
    const instances = kind === 'instance' ? [id] : [...(this.#places.get(id) ?? [])];
    const known = instances.flatMap((instance) => this.#known.get(instance) ?? []);
    return known.length > 0 && known.every(({ isBack }) => !isBack);
  }

  has(instance: string): boolean {
    return this.#known.has(instance);
  }

  /** For every group that listens to a type elsewhere, one of the instances where it does; by instance. */
  listenersOf(type: string): ReadonlyMap<string, readonly string[]> {
    const byGroup = new Map<string, string[]>();
    for (const [instance, { nodes }] of this.#known) {
      for (const { id, patterns } of nodes.values()) {
        if (!mayMatch(patterns, type)) continue;
        const instances = byGroup.get(id);
        if (instances === undefined) byGroup.set(id, [instance]);
        else instances.push(instance);
      }
    }
    const found = new Map<string, string[]>();
    for (const [group, instances] of byGroup) {
      const instance = instances[this.#turn++ % instances.length] as string;
      found.set(instance, [...(found.get(instance) ?? []), group]);
    }
    return found;
  }

  nodes(): readonly DirectoryNode[] {
    const own = [...this.#own.nodes()].map((node) => asDirectoryNode(this.#host.instance, node));
    const others = [...this.#known].flatMap(([instance, { nodes }]) =>
      [...nodes.values()].map((node) => asDirectoryNode(instance, node)),
    );
    return [...own, ...others];
  }

  watch(listener: (change: DirectoryChange) => void): () => void {
    const own = (change: DirectoryChange): void => listener(change);
    this.#watchers.add(own);
    return () => void this.#watchers.delete(own);
  }

  // ---

  #beat(): void {
    this.#own.beat();
    this.#sweep();
    this.#setTimer();
  }

  #setTimer(): void {
    this.#timer?.clear();
    this.#timer = this.#host.clock.setTimer(beatMs, () => this.#beat(), true);
  }

  #sweep(): void {
    const now = this.#now();
    // If we were late ourselves, what the others said meanwhile may still be waiting to be read.
    const lateBy = Math.max(now - this.#sweptAt - beatMs, 0);
    this.#sweptAt = now;
    for (const [instance, known] of [...this.#known]) {
      known.heardAt = Math.min(known.heardAt + lateBy, now);
      if (now - known.heardAt >= silenceMs) this.#forget(instance, false);
      // An answer may have got lost, and nobody takes six seconds for one.
      known.asked = false;
      if (known.whole !== undefined && now - known.whole.begunAt >= silenceMs) this.#endWhole(known);
    }
  }

  #knownOf(instance: string): Known | undefined {
    const known = this.#known.get(instance);
    if (known !== undefined) return known;
    if (this.#known.size >= mostInstances && !this.#makeRoom()) return undefined;
    const fresh: Known = {
      revision: -1,
      heardAt: 0,
      isBack: false,
      asked: false,
      nodes: new Map(),
      whole: undefined,
      shared: new SharedAddress(instance),
    };
    this.#known.set(instance, fresh);
    return fresh;
  }

  /** Whoever has no nodes gives way: nothing is sent to him, and nothing of his is awaited. */
  #makeRoom(): boolean {
    for (const [instance, { nodes, whole }] of this.#known) {
      if (nodes.size > 0 || whole !== undefined) continue;
      this.#known.delete(instance);
      return true;
    }
    return false;
  }

  #takeWhole(instance: string, known: Known, announcement: Announcement & { kind: 'all' }): void {
    const { revision, part, parts } = announcement;
    if (part === 0) {
      this.#endWhole(known);
      known.whole = { revision, parts, nodes: new Map(), next: 0, weight: 0, begunAt: this.#now() };
    }
    const { whole } = known;
    if (whole === undefined || whole.next !== part || whole.parts !== parts || whole.revision !== revision) {
      this.#endWhole(known);
      return;
    }
    for (const node of announcement.nodes) {
      const weight = weightOf(node);
      if (whole.nodes.size >= mostNodes || this.#weight + weight > mostWeight) continue;
      this.#weight += weight;
      whole.weight += weight;
      whole.nodes.set(node.id, node);
    }
    whole.next++;
    if (whole.next < parts) return;
    this.#endWhole(known);
    known.asked = false;
    known.revision = revision;
    for (const id of [...known.nodes.keys()]) if (!whole.nodes.has(id)) this.#drop(instance, known, id);
    for (const node of whole.nodes.values()) {
      this.#put(instance, known, node);
      // It may have missed that it was asked for a proof.
      const places = this.#places.get(node.id);
      if (places !== undefined) this.#settle(node.id, places);
    }
  }

  #endWhole(known: Known): void {
    this.#weight -= known.whole?.weight ?? 0;
    known.whole = undefined;
  }

  #put(instance: string, known: Known, node: AnnouncedNode): void {
    const before = known.nodes.get(node.id);
    if (before === undefined) {
      if (this.#nodeCount >= mostNodes || this.#weight + weightOf(node) > mostWeight) return;
      this.#nodeCount++;
      let places = this.#places.get(node.id);
      if (places === undefined) this.#places.set(node.id, (places = new Places(node.id)));
      places.add(instance);
    }
    this.#weight += weightOf(node) - (before === undefined ? 0 : weightOf(before));
    known.nodes.set(node.id, node);
    if (before === undefined) this.#settleNew(known, node.id);
    if (before === undefined) this.#tell('added', instance, node);
    else if (JSON.stringify(before) !== JSON.stringify(node)) this.#tell('changed', instance, node);
    this.#checkConflict(node.id, instance);
  }

  #drop(instance: string, known: Known, id: string): void {
    const node = known.nodes.get(id);
    if (node === undefined) return;
    known.nodes.delete(id);
    this.#weight -= weightOf(node);
    this.#nodeCount--;
    this.#conflicts.delete(`${instance}\u0000${id}`);
    const places = this.#places.get(id);
    known.shared.delete(id);
    places?.delete(instance);
    if (places?.isEmpty === true) this.#places.delete(id);
    else if (places !== undefined) this.#settle(id, places);
    this.#tell('removed', instance, node);
  }

  #forget(instance: string, inOrder: boolean): void {
    const known = this.#known.get(instance);
    if (known === undefined) return;
    for (const id of [...known.nodes.keys()]) this.#drop(instance, known, id);
    this.#endWhole(known);
    this.#known.delete(instance);
    if (!known.isBack) this.#host.awaitedNoMore();
    this.#host.gone(instance, inOrder);
  }

  /** Sharing begins with the second node of an instance. */
  #settleNew({ nodes }: Known, id: string): void {
    for (const each of nodes.size === 2 ? nodes.keys() : [id]) this.#settle(each, this.#places.get(each) as Places);
  }

  /** Whether a node's only place takes what is for it together with what is for others. */
  #settle(id: string, places: Places): void {
    const only = places.only();
    const known = only === undefined ? undefined : this.#known.get(only);
    const isProven = known?.shared.has(id) === true;
    places.shared = isProven ? known?.shared : undefined;
    places.isUnproven = !isProven && known !== undefined && known.nodes.size > 1;
  }

  #askForProof(nodeId: string, places: Places): void {
    const only = places.only();
    if (!this.#connected || only === undefined) return;
    places.isUnproven = false;
    this.#host.prove(nodeId, only);
  }

  #isConflict(id: string, instance: string): boolean {
    const own = this.#own.get(id);
    const other = this.#known.get(instance)?.nodes.get(id);
    return own !== undefined && other !== undefined && (own.exclusive || other.exclusive);
  }

  #checkConflict(id: string, instance: string): void {
    if (!this.#isConflict(id, instance)) return;
    const pair = `${instance}\u0000${id}`;
    if (this.#conflicts.has(pair)) return;
    this.#conflicts.add(pair);
    this.#host.conflict(id, instance);
  }

  #tell(kind: DirectoryChange['kind'], instance: string, node: AnnouncedNode): void {
    if (this.#watchers.size === 0) return;
    const change: DirectoryChange = { kind, node: asDirectoryNode(instance, node) };
    for (const watcher of [...this.#watchers]) {
      try {
        watcher(change);
      } catch (err) {
        this.#host.logger.error({ err }, 'a watcher of the directory failed');
      }
    }
  }

  #now(): number {
    return this.#host.clock.monotonic?.() ?? this.#host.clock.now();
  }
}
