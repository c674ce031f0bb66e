import type { EventContext } from '../event/event.js';
import { HappenError } from '../errors/happen-error.js';
import { idPattern } from './id-pattern.js';

/** Decides whether a node takes an event. */
export type Acceptance = (sender: string, context: EventContext) => boolean;

/**
 * Compiles `acceptFrom`. An entry without a scheme is a pattern for the sending node's id; an entry with one (`tenant:…`)
 * is a pattern for `origin.sourceId`, which is the sender's claim. `*` stands for any run of characters.
 *
 * @returns `undefined` when everything is accepted
 * @throws HappenError `HAPPEN_INVALID_CONFIG`
 */
export function compileAcceptFrom(entries: readonly string[] | undefined): Acceptance | undefined {
  if (entries === undefined) return undefined;
  if (!Array.isArray(entries) || entries.some((entry) => typeof entry !== 'string' || entry === '')) {
    throw new HappenError('HAPPEN_INVALID_CONFIG', 'acceptFrom: expected a list of non-empty strings.', {
      details: { path: 'acceptFrom' },
    });
  }
  const senders = entries.filter((entry) => !entry.includes(':')).map(idPattern);
  const sources = entries.filter((entry) => entry.includes(':')).map(idPattern);
  return (sender, context) => {
    if (senders.some((matches) => matches(sender))) return true;
    const source = context.origin.sourceId;
    return typeof source === 'string' && sources.some((matches) => matches(source));
  };
}
