import { HappenError } from '../errors/happen-error.js';
import type { AsyncTracker } from '../host/host.js';

/**
 * Calls something outside of every flow, whichever one is the current, and gives back its result; what it throws passes.
 *
 * @throws HappenError `HAPPEN_INVALID_OPTION`
 */
export function runDetached<R>(tracker: AsyncTracker<unknown>, run: () => R): R {
  if (typeof run !== 'function') {
    throw new HappenError(
      'HAPPEN_INVALID_OPTION',
      `happen.detached(): expected a function, found ${run === null ? 'null' : typeof run}.`,
    );
  }
  const call: { result?: R } = {};
  tracker.run(undefined, (made) => void (made.result = run()), call);
  return call.result as R;
}
