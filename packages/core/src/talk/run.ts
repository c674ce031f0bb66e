/** What one send carries, isolated once for all whom it is sent to. */
import { describeThrown } from '../errors/describe-thrown.js';
import { HappenError } from '../errors/happen-error.js';
import type { Outgoing } from '../event/event.js';
import type { Isolation } from '../event/isolation.js';
import type { WireLimits } from '../wire/limits.js';
import { checkBatchLength, runsOfOneType } from './batch.js';
import { isolate, type Sendable } from './sendable.js';

/** An event, or a batch of one type; or why there is none, which is told to each that it is sent to. */
export interface Run {
  readonly batch: boolean;
  /** As they were given. */
  readonly events: readonly Outgoing[];
  readonly sendables: readonly Sendable[];
  readonly copies: boolean;
  readonly error: HappenError | undefined;
}

interface Terms {
  readonly isolation: Isolation;
  readonly limits: WireLimits;
}

/** One event for several targets. */
export function isolateEvent(outgoing: Outgoing, terms: Terms): Run {
  return runOf(false, [outgoing], () => [isolate(outgoing, terms.isolation, terms.limits)]);
}

/** A batch for each type; one that fails when there is nothing to send. */
export function isolateBatch(outgoing: readonly Outgoing[], { isolation, limits }: Terms): Run[] {
  const numbered = outgoing.map((event, index) => ({ type: event?.type, event, index }));
  const byType = numbered.length === 0 ? [numbered] : runsOfOneType(numbered);
  return byType.map((run) =>
    runOf(
      true,
      run.map(({ event }) => event),
      () => {
        checkBatchLength(run.length);
        return run.map(({ event, index }) => isolate(event, isolation, limits, `events[${index}].`));
      },
    ),
  );
}

function runOf(batch: boolean, events: readonly Outgoing[], make: () => Sendable[]): Run {
  try {
    const sendables = make();
    return { batch, events, sendables, copies: sendables.some(({ payload }) => payload.copies), error: undefined };
  } catch (error) {
    return { batch, events, sendables: [], copies: false, error: asHappenError(error) };
  }
}

/** What a sender's getter threw is his own error; it is told as one about the event. */
export function asHappenError(error: unknown): HappenError {
  if (error instanceof HappenError) return error;
  const { message } = describeThrown(error);
  return new HappenError('HAPPEN_INVALID_EVENT', `The event could not be made: ${message}`, { cause: error });
}
