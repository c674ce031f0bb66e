import type { Transport } from '@happen/core';
import type { ContractSubject } from '../contract/suite.js';

/** A network of its own, made for one clause. */
export interface TransportNetwork {
  /**
   * A new end of the network, not started. Ends of one network reach each other; those of two networks do not, even when both
   * use one server. Clauses ask for two or three.
   */
  join(): Transport | Promise<Transport>;
  /**
   * Breaks the connection of one end as a failing network would, and returns what restores it. A network that has no connection
   * to break leaves this out and waives the clauses that need it.
   */
  interrupt?(end: Transport): Promise<() => Promise<void>>;
  /** Frees what the network holds. By then every end has been stopped. */
  close(): Promise<void>;
}

/** A transport driver, for `transportContract`. */
export interface TransportSubject extends ContractSubject {
  /** Makes a fresh network. Called once for each clause, and twice for the one on keeping networks apart. */
  open(): TransportNetwork | Promise<TransportNetwork>;
}
