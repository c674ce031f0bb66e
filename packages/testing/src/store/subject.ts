import type { Store } from '@happen/core';
import type { ContractSubject } from '../contract/suite.js';

/** Contents of their own, made for one clause and empty at first. */
export interface StoreDatabase {
  /** A store open on these contents. Several are open at once, as processes on one database are. */
  connect(): Store | Promise<Store>;
  /** Frees what the database holds. By then every store has been closed. */
  close(): Promise<void>;
}

/** A store driver, for `storeContract`. */
export interface StoreSubject extends ContractSubject {
  /** Makes fresh contents. Called once for each clause. */
  open(): StoreDatabase | Promise<StoreDatabase>;
}
