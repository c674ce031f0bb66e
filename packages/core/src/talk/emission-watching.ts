import type { HappenError } from '../errors/happen-error.js';
import type { HappenEvent, Outgoing } from '../event/event.js';
import type { FlowRecord } from '../flow/flow-record.js';

/** What looks on while something is on its way. */
export interface EmissionWatching {
  /** @throws HappenError `HAPPEN_REFUSED` */
  stamped(events: readonly HappenEvent[]): void;
  /** Never throws. */
  ended(asked: boolean, value: unknown, error: HappenError | undefined): void;
}

/** What may be watched on its way. */
export interface WatchedEmission {
  watching: EmissionWatching | undefined;
}

/** What is about to leave. */
export interface Leaving {
  readonly sender: string;
  readonly target: string | undefined;
  readonly events: readonly Outgoing[];
  readonly cause: HappenEvent | undefined;
  readonly flow: FlowRecord | undefined;
}

/** What is asked before each emission of a space. */
export interface EmissionInterceptor {
  /**
   * Asks, and sets what watches the emission from then on; also where it throws, so that the end is heard of.
   *
   * @returns the events as they are to be made
   * @throws HappenError `HAPPEN_REFUSED` when it must not leave
   */
  begin(emission: WatchedEmission, leaving: Leaving): readonly Outgoing[];
}
