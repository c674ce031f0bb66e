/**
 * What an instance says of itself: which nodes it has, and to what they listen.
 *
 * 1. Every announcement says the revision, which each change raises by one.
 * 2. What has changed leaves before any frame that is published afterwards, over the same connection.
 * 3. However often it is asked, it says all of itself a few times in a second at most.
 */
import type { Clock, Logger, NodeDescription, Timer } from '@happen/core';
import { type AnnouncedNode, announceable, type Announcement, nodesInMessage, together } from './announcement.js';

const answerMs = 200;
/** Of a message, beside the nodes in it. */
const headBytes = 512;
const mostBytes = 262_144;

export interface AnnouncingHost {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Publishes what this instance says of itself. */
  announce(announcement: Announcement): void;
  /** The longest message that the server takes, in bytes. */
  longest(): number;
}

/** Hears of each change of the instance's own nodes. */
export type OwnChange = (kind: 'added' | 'changed' | 'removed', node: AnnouncedNode) => void;

export class OwnAnnouncements {
  readonly #host: AnnouncingHost;
  readonly #told: OwnChange;
  readonly #nodes = new Map<string, AnnouncedNode>();
  #revision = 0;
  #changed = new Set<string>();
  #removed = new Set<string>();
  #isUp = false;
  #answered = Number.NEGATIVE_INFINITY;
  #answering: Timer | undefined;

  constructor(host: AnnouncingHost, told: OwnChange) {
    this.#host = host;
    this.#told = told;
  }

  get(id: string): AnnouncedNode | undefined {
    return this.#nodes.get(id);
  }

  has(id: string): boolean {
    return this.#nodes.has(id);
  }

  nodes(): Iterable<AnnouncedNode> {
    return this.#nodes.values();
  }

  add(id: string, { exclusive, publicKey }: NodeDescription): void {
    this.#set({ id, patterns: this.#nodes.get(id)?.patterns ?? [], exclusive });
    if (publicKey !== undefined) void this.#addKey(id, publicKey);
  }

  listens(id: string, patterns: readonly string[]): void {
    const node = this.#nodes.get(id);
    // A listener that ends after its node did brings nobody back.
    if (node === undefined && patterns.length === 0) return;
    this.#set({ exclusive: false, ...node, id, patterns });
  }

  remove(id: string): void {
    const node = this.#nodes.get(id);
    if (node === undefined) return;
    this.#nodes.delete(id);
    this.#changed.delete(id);
    this.#removed.add(id);
    this.#told('removed', node);
    this.#later();
  }

  /** There is a connection from now on, whose other end knows nothing of this instance. */
  up(): void {
    this.#isUp = true;
    this.#sayAll();
  }

  down(): void {
    this.#isUp = false;
    this.#answering?.clear();
    this.#answering = undefined;
  }

  /** Says that the instance is there. */
  beat(): void {
    this.#host.announce({ kind: 'beat', revision: this.#revision });
  }

  /** Says at once what has changed since it was said last. */
  flush(): void {
    if (!this.#isUp || (this.#changed.size === 0 && this.#removed.size === 0)) return;
    const nodes = [...this.#changed].map((id) => this.#nodes.get(id) as AnnouncedNode);
    const gone = [...this.#removed];
    this.#changed = new Set();
    this.#removed = new Set();
    for (let at = 0; at < gone.length; at += nodesInMessage) {
      const part = gone.slice(at, at + nodesInMessage);
      this.#host.announce({ kind: 'change', revision: ++this.#revision, nodes: [], gone: part });
    }
    for (const part of together(nodes.map(announceable), this.#room())) {
      this.#host.announce({ kind: 'change', revision: ++this.#revision, nodes: part, gone: [] });
    }
  }

  /** Somebody wants to know all of this instance. */
  asked(): void {
    if (this.#answering !== undefined) return;
    const waitMs = Math.max(this.#answered + answerMs - this.#now(), 0);
    this.#answering = this.#host.clock.setTimer(
      waitMs,
      () => {
        this.#answering = undefined;
        this.#sayAll();
      },
      true,
    );
  }

  #sayAll(): void {
    if (!this.#isUp) return;
    this.flush();
    this.#answered = this.#now();
    const messages = together([...this.#nodes.values()].map(announceable), this.#room());
    const parts = Math.max(messages.length, 1);
    for (let part = 0; part < parts; part++) {
      this.#host.announce({ kind: 'all', revision: this.#revision, part, parts, nodes: messages[part] ?? [] });
    }
  }

  #set(node: AnnouncedNode): void {
    const before = this.#nodes.get(node.id);
    this.#nodes.set(node.id, node);
    this.#removed.delete(node.id);
    this.#changed.add(node.id);
    this.#told(before === undefined ? 'added' : 'changed', node);
    this.#later();
  }

  async #addKey(id: string, publicKey: () => Uint8Array | Promise<Uint8Array>): Promise<void> {
    try {
      const bytes = await publicKey();
      const node = this.#nodes.get(id);
      const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
      if (node !== undefined) this.#set({ ...node, publicKey: text });
    } catch (err) {
      this.#host.logger.warn({ err, node: id }, 'the public key of a node could not be announced');
    }
  }

  /** Many nodes that are made in one turn are announced together. */
  #later(): void {
    if (this.#changed.size + this.#removed.size === 1) queueMicrotask(() => this.flush());
  }

  /** How many bytes of nodes go into one message. */
  #room(): number {
    return Math.min(this.#host.longest() - headBytes, mostBytes);
  }

  #now(): number {
    return this.#host.clock.monotonic?.() ?? this.#host.clock.now();
  }
}
