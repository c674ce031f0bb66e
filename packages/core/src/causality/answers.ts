/** What is answered to questions about causes: plain data, frozen, the same whatever keeps the events. */

/** An event as it is kept for questions about causes: who sent what to whom, when and why, but never its payload. */
export interface TracedEvent {
  readonly id: string;
  readonly type: string;
  /** The id of the node that sent it. */
  readonly sender: string;
  /** The id of the node it was addressed to; absent for a broadcast. */
  readonly target?: string;
  /** The id of the event that caused it; absent at a root. */
  readonly causationId?: string;
  /** The ids of all causes, when a batch caused it; of more than 64 the last 64. */
  readonly causes?: readonly string[];
  /** How many more causes a batch had, which are not kept; absent when there are none. */
  readonly omittedCauses?: number;
  readonly correlationId: string;
  /** How many events lie between the root (0) and this one. */
  readonly depth: number;
  /** When this space emitted or received it, in milliseconds since 1970. */
  readonly at: number;
  /** Whether it came from another space; what one's own nodes emit is not received, wherever it goes. */
  readonly received: boolean;
}

/** An event among its neighbours in the web of causes. */
export interface Trace {
  readonly event: TracedEvent;
  /** What caused it directly: none at a root, several when a batch did, in the order of the batch. */
  readonly causes: readonly TracedEvent[];
  /** The ids of the causes that are not known any more, or never were. */
  readonly missing: readonly string[];
  /** What it caused directly, in the order in which this space saw it. */
  readonly effects: readonly TracedEvent[];
}

/** The events of one correlation as a list. */
export interface CausalEvents {
  /** In the order in which this space saw them. */
  readonly events: readonly TracedEvent[];
  /**
   * Whether these are all that this space has seen, and all their causes are among what it knows. `false` also when that can't
   * be told: events were dropped, and the one whose id is the correlation's is not held. What other spaces emitted among
   * themselves is not seen here and never counts.
   */
  readonly complete: boolean;
}

/** An event of a tree, and what it caused. */
export interface CausalBranch {
  readonly event: TracedEvent;
  /** The ids of its causes that are not known any more, or never were. */
  readonly missing: readonly string[];
  /** What it caused within the correlation, in the order in which this space saw it. */
  readonly effects: readonly CausalBranch[];
}

/** The events of one correlation as a tree. */
export interface CausalTree {
  readonly correlationId: string;
  /**
   * The events without a cause in the tree, in the order in which this space saw them. Several when several roots named the
   * correlation, when causes were dropped, or when they happened elsewhere.
   */
  readonly roots: readonly CausalBranch[];
  /** How many events the tree holds; each stands in it once, one with several causes below the last of them that is there. */
  readonly size: number;
  /** As for a list. */
  readonly complete: boolean;
}

/** The way from an event back to its root. */
export interface CausalPath {
  /** The event first, then its cause, and so on; of a batch's effects the last event counts as the cause. */
  readonly events: readonly TracedEvent[];
  /** Whether it ends at a root; `false` when a cause is not known any more, or never was. */
  readonly complete: boolean;
}

/**
 * Questions about causes, answered from what a space remembers: the latest events that its nodes emitted or received, as many
 * as `causality.memory` says. Nothing here throws: what is not known gives `undefined`, or nothing in a list.
 */
export interface Causality {
  /** An event, what caused it and what it caused; `undefined` when it is not known. */
  trace(id: string): Trace | undefined;
  /** The events of a correlation as a tree. */
  tree(correlationId: string): CausalTree;
  /** The way from an event back to its root. */
  pathToRoot(id: string): CausalPath;
  /** The events of a correlation as a list; without one, all that is remembered. */
  events(correlationId?: string): CausalEvents;
}
