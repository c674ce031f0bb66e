import type { EmissionWatch, FlowWatch, InterceptedEmission, InterceptedFlow } from './interception.js';

/** A node as an extension sees it. */
export interface ExtendedNode {
  readonly id: string;
}

/** The space as an extension sees it. */
export interface ExtensionHost {
  readonly clock: {
    /** Milliseconds since 1970, as the space's clock has them. */
    now(): number;
    /** Milliseconds from any moment on, for durations; they do not go back where the space's clock can help it. */
    monotonic(): number;
  };
}

/** What an extension does in one space. Every member is optional, and what it does not have costs nothing. */
export interface ExtensionHooks {
  /** Called for each node when it is created; what it returns is put on the node, getters included. May not throw. */
  node?(node: ExtendedNode): object;
  /**
   * Called before each flow of the space, those that handle the framework's own events included, as a part of the flow. What
   * it returns looks on. By throwing it refuses the flow: the asker gets `HAPPEN_REFUSED`, whose `cause` is what was thrown.
   *
   * The hooks of several extensions are called in the order of their installation; `within` of an earlier one is around
   * that of a later one, and `ended` of a later one is called before that of an earlier one.
   */
  flow?(flow: InterceptedFlow): FlowWatch | undefined | void;
  /**
   * Called before anything is sent or broadcast by a node of the space, as a part of the sending flow. What it returns looks
   * on. By throwing it refuses: the sender gets `HAPPEN_REFUSED` where the answer would have come. Order as for `flow`.
   */
  emission?(emission: InterceptedEmission): EmissionWatch | undefined | void;
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
