import type { JoinableTransport } from '@happen/core';
import type { Directory } from './directory/directory.js';

/** A transport that joins a space to others over NATS. */
export interface NatsJoin extends JoinableTransport {
  /** Who lives where, as far as others have said. Empty until there is a connection, and after the space has closed. */
  readonly directory: Directory;
}
