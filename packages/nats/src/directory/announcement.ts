/**
 * What instances say of themselves, as JSON. It comes off a wire: whatever does not have this form is dropped.
 *
 * `revision` counts the changes of an instance. A change says which one it makes it; whoever missed one asks for all of it.
 */

/** A node as its instance describes it. */
export interface AnnouncedNode {
  readonly id: string;
  /** The patterns of broadcasts it listens to. */
  readonly patterns: readonly string[];
  readonly exclusive: boolean;
  /** 64 hexadecimal digits. */
  readonly publicKey?: string;
}

export type Announcement =
  /** Still there. */
  | { readonly kind: 'beat'; readonly revision: number }
  /** Leaves of its own accord. */
  | { readonly kind: 'bye' }
  /** Nodes that are new or different, and the ids of those that have gone. */
  | {
      readonly kind: 'change';
      readonly revision: number;
      readonly nodes: readonly AnnouncedNode[];
      readonly gone: readonly string[];
    }
  /** All nodes, in `parts` messages of which this is number `part`, counted from 0. */
  | {
      readonly kind: 'all';
      readonly revision: number;
      readonly part: number;
      readonly parts: number;
      readonly nodes: readonly AnnouncedNode[];
    };

/** No message about nodes names more of them. */
export const nodesInMessage = 50;
const longestName = 512;
const mostPatterns = 200;
const mostPatternCharacters = 8_000;
const mostParts = 2_000;

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** A node as it can be announced: where its patterns are too many to be told, it may listen to anything. */
export function announceable(node: AnnouncedNode): AnnouncedNode {
  return areTellable(node.patterns) ? node : { ...node, patterns: ['**'] };
}

/** How much of an instance's memory a node takes, about, in characters. */
export function weightOf({ id, patterns }: AnnouncedNode): number {
  return 200 + id.length + patterns.reduce((sum, pattern) => sum + pattern.length + 16, 0);
}

function areTellable(patterns: readonly string[]): boolean {
  if (patterns.length > mostPatterns) return false;
  return patterns.reduce((sum, pattern) => sum + pattern.length, 0) <= mostPatternCharacters;
}

/** Nodes as messages of at most so many bytes, and of a node each where even one is longer. */
export function together(nodes: readonly AnnouncedNode[], mostBytes: number): readonly (readonly AnnouncedNode[])[] {
  const messages: AnnouncedNode[][] = [];
  let last: AnnouncedNode[] | undefined;
  let bytes = 0;
  for (const node of nodes) {
    const own = utf8.encode(JSON.stringify(node)).length + 1;
    if (last === undefined || last.length === nodesInMessage || bytes + own > mostBytes) {
      last = [];
      bytes = 0;
      messages.push(last);
    }
    last.push(node);
    bytes += own;
  }
  return messages;
}

export function encodeAnnouncement(announcement: Announcement): Uint8Array {
  return utf8.encode(JSON.stringify(announcement));
}

/** Reads one; `undefined` for what is none. */
export function decodeAnnouncement(bytes: Uint8Array): Announcement | undefined {
  let value: unknown;
  try {
    value = JSON.parse(strictUtf8.decode(bytes));
  } catch {
    return undefined;
  }
  if (!isAnnouncement(value)) return undefined;
  // A node that can't be read does not hide the others.
  return 'nodes' in value ? { ...value, nodes: value.nodes.filter(isNode) } : value;
}

function isAnnouncement(value: unknown): value is Announcement {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, revision, nodes, gone, part, parts } = value as Record<string, unknown>;
  switch (kind) {
    case 'bye':
      return true;
    case 'beat':
      return isCount(revision);
    case 'change':
      return isCount(revision) && isListOf(nodes, nodesInMessage) && isListOf(gone, 10_000, isName);
    case 'all':
      return (
        isCount(revision) &&
        isListOf(nodes, nodesInMessage) &&
        isCount(part) &&
        isCount(parts) &&
        part < parts &&
        parts <= mostParts
      );
    default:
      return false;
  }
}

function isNode(value: unknown): value is AnnouncedNode {
  if (typeof value !== 'object' || value === null) return false;
  const { id, patterns, exclusive, publicKey } = value as Record<string, unknown>;
  return (
    isName(id) &&
    isListOf(patterns, mostPatterns, (pattern) => typeof pattern === 'string') &&
    areTellable(patterns as string[]) &&
    typeof exclusive === 'boolean' &&
    (publicKey === undefined || (typeof publicKey === 'string' && /^[0-9a-f]{64}$/.test(publicKey)))
  );
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longestName;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isListOf(value: unknown, most: number, is: (item: unknown) => boolean = () => true): boolean {
  return Array.isArray(value) && value.length <= most && value.every(is);
}
