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
const mostPatterns = 1_000;
const longestPattern = 2_000;
const mostParts = 2_000;

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

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
  return isAnnouncement(value) ? value : undefined;
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
      return isCount(revision) && isListOf(nodes, nodesInMessage, isNode) && isListOf(gone, 10_000, isName);
    case 'all':
      return (
        isCount(revision) &&
        isListOf(nodes, nodesInMessage, isNode) &&
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
    isListOf(patterns, mostPatterns, (pattern) => typeof pattern === 'string' && pattern.length <= longestPattern) &&
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

function isListOf(value: unknown, most: number, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= most && value.every(is);
}
