import { HappenError } from '../errors/happen-error.js';
import type { PartOutcome } from './group-send.js';

/**
 * The answers of several nodes by their ids, in an object without prototype; the failures stand in its non-enumerable
 * `errors`, and asking it again (`return()`, not enumerable either) gives the same.
 *
 * @throws HappenError with the code of the first failure, when all failed
 */
export function resultsById(
  ids: readonly string[],
  outcomes: readonly PartOutcome[],
): Readonly<Record<string, unknown>> {
  const results = Object.create(null) as Record<string, unknown>;
  const errors = Object.create(null) as Record<string, HappenError>;
  let first: HappenError | undefined;
  for (const [index, outcome] of outcomes.entries()) {
    const id = ids[index] as string;
    if ('error' in outcome) {
      errors[id] = outcome.error;
      first ??= outcome.error;
    } else {
      results[id] = outcome.value;
    }
  }
  if (first !== undefined && Object.keys(results).length === 0) {
    const who = ids.length === 1 ? 'The only node failed' : `All ${ids.length} nodes failed; the first`;
    throw new HappenError(first.code, `${who}: ${first.message}`, {
      cause: first,
      details: { codes: Object.fromEntries(Object.entries(errors).map(([id, { code }]) => [id, code])) },
    });
  }
  Object.defineProperty(results, 'errors', { value: errors });
  Object.defineProperty(results, 'return', { value: () => Promise.resolve(results) });
  return results;
}
