import type { HappenEvent } from '../event/event.js';

/** A node as an extension sees it. */
export interface ExtendedNode {
  readonly id: string;
}

/** The space as an extension sees it. */
export interface ExtensionHost {
  readonly clock: { now(): number };
}

/** What an extension does in one space. Every member is optional; none may throw. */
export interface ExtensionHooks {
  /** Called for each node when it is created; what it returns is put on the node, getters included. */
  node?(node: ExtendedNode): object;
  /**
   * Called for each event that leaves a node of this space, after it was stamped and before anybody receives it. `target` is
   * the addressed node's id, `undefined` for a broadcast.
   */
  emission?(event: HappenEvent, target: string | undefined): void;
}

/**
 * An extension of a space. The three type members exist at compile time only: `members` is the type of what nodes gain, and
 * may read `this['Events']` and `this['State']`, the node's own type parameters, as arguments of a named type:
 *
 * ```ts
 * interface StateMembers<S> {
 *   readonly state: StateOf<S>;
 * }
 * interface StateExtension extends Extension {
 *   readonly members: StateMembers<this['State']>;
 * }
 * ```
 */
export interface Extension {
  /** Unique within a space. */
  readonly name: string;
  readonly Events: unknown;
  readonly State: unknown;
  readonly members: object;
  /** Called once for each space the extension is given to, before any node exists. */
  install(host: ExtensionHost): ExtensionHooks;
}

/** Makes an extension out of what exists at run time. */
export function defineExtension<X extends Extension = Extension & { readonly members: unknown }>(
  definition: Pick<X, 'name' | 'install'>,
): X {
  return definition as X;
}

/**
 * What one extension adds. The empty object type is the identity of an intersection.
 *
 * @internal
 */
type Apply<X, Events, State> = X extends Extension
  ? (X & { readonly Events: Events; readonly State: State })['members']
  : {};

/**
 * The intersection of a union's parts, by the usual form of this inference.
 *
 * @internal
 */
type Intersect<U> = (U extends any ? (value: U) => void : never) extends (value: infer I) => void ? I : never;

/** What the extensions of a space add to a node with these type parameters. */
export type Members<X extends readonly unknown[], Events, State> = Intersect<
  X[number] extends infer E ? (E extends Extension ? Apply<E, Events, State> : {}) : {}
>;
