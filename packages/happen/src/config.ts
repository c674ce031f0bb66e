import type {
  AnyEvents,
  EventSchemas,
  EventsOfSchemas,
  Extension,
  Node,
  NodeOptions,
  Space,
  SpaceConfig,
} from '@happen/core';
import type { Directory } from '@happen/nats/websocket';
import type { NatsConfig } from './nats-config.js';

/** The whole tree of settings: NATS, and the parts that core takes. Every setting has a default. */
export interface HappenConfig<X extends readonly Extension[] = readonly Extension[]> extends SpaceConfig<X> {
  /** How the space joins others over NATS; `false`: it lives within this process alone. Excludes `transport`. */
  readonly nats?: NatsConfig | false;
}

/** How one node differs from its space. `M`: the events it takes. */
export interface HappenNodeOptions<M = AnyEvents> extends NodeOptions<M> {
  /** How events get to the node. Only at most once is available yet. @default `at-most-once` */
  readonly delivery?: 'at-most-once' | { readonly mode: 'at-most-once' };
}

/** A space whose nodes take the settings of the whole tree. */
export interface HappenSpace<B = AnyEvents, X extends readonly Extension[] = readonly []>
  extends Omit<Space<B, X>, 'createNode'> {
  /**
   * Which nodes there are, and where: those of this space and what others have announced over NATS. Empty until there is a
   * connection, and without NATS.
   */
  readonly nodes: Directory;
  /**
   * Makes a node. It can be used at once.
   *
   * @param id 1 to 512 characters without `:`; unique within the space
   * @throws HappenError `HAPPEN_INVALID_NODE_ID`, `HAPPEN_DUPLICATE_NODE`, `HAPPEN_INVALID_CONFIG`, `HAPPEN_NOT_AVAILABLE`,
   *   `HAPPEN_CLOSED`
   */
  readonly createNode: {
    /** The same; its map of events is that of its schemas. */
    <E extends EventSchemas>(
      id: string,
      options: Omit<HappenNodeOptions, 'events'> & { readonly events: E },
    ): Node<EventsOfSchemas<E>, any, X, B>;
    // the state of a node left untyped
    <M = AnyEvents, S = any>(id: string, options?: HappenNodeOptions<M>): Node<M, S, X, B>;
  };
}
