/** Where something is sent. */
import { HappenError } from '../errors/happen-error.js';

/** A node, a reference to one, or an id. */
export type Target = string | { readonly id: string };

/** The id a target names; not a string when it is none. */
export function idOf(target: Target): string {
  return typeof target === 'string' ? target : target?.id;
}

/**
 * The answers come by id, in an object that has two members already: each target has to have a place of its own.
 *
 * @throws HappenError `HAPPEN_INVALID_EVENT`
 */
export function checkTargets(ids: readonly string[]): void {
  if (ids.length === 0) throw new HappenError('HAPPEN_INVALID_EVENT', 'A list of targets holds at least one node.');
  const taken = ids.find((id) => id === 'errors' || id === 'return');
  if (taken !== undefined) {
    throw new HappenError(
      'HAPPEN_INVALID_EVENT',
      `A node called "${taken}" can't be one of several targets, whose answers come by id. Send to it alone.`,
      { details: { node: taken } },
    );
  }
  const twice = ids.length === 1 ? undefined : repeated(ids);
  if (twice === undefined) return;
  throw new HappenError(
    'HAPPEN_INVALID_EVENT',
    `The node "${twice}" stands twice in the list of targets. Name each once, or send a batch to have several events handled.`,
    { details: { node: twice } },
  );
}

function repeated(ids: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return ids.find((id) => seen.size === seen.add(id).size);
}

/** There is nothing to send to. */
export function noTarget(): HappenError {
  return new HappenError(
    'HAPPEN_INVALID_EVENT',
    'send() needs a target: a node, a reference or an id, and then the event. To send to itself with options, name the node: node.send(node, event, options).',
  );
}
