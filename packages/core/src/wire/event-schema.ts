import { envelopeLimits } from './limits.js';
import type { WireEvent } from './messages.js';
import { isInteger, isRecord, isText } from './schema.js';

const { maxNameLength, maxPathHops, maxCauses, maxCausalDepth } = envelopeLimits;

/**
 * The first field of an event's envelope that breaks a rule. Asked on both sides: a sender hears of what no receiver takes.
 * Keys that the framework alone fills must not come in through `context` and `origin`.
 */
export function eventFault(event: Readonly<Record<keyof WireEvent, unknown>>): keyof WireEvent | undefined {
  const { causes, path, origin, context } = event;
  if (!isName(event.type)) return 'type';
  if (!isName(event.id)) return 'id';
  if (!isName(event.sender)) return 'sender';
  if (event.causationId !== undefined && !isName(event.causationId)) return 'causationId';
  if (causes !== undefined && !(Array.isArray(causes) && causes.length <= maxCauses && causes.every(isName)))
    return 'causes';
  if (!isName(event.correlationId)) return 'correlationId';
  if (!isInteger(event.depth, 0, maxCausalDepth)) return 'depth';
  if (!Array.isArray(path) || path.length > maxPathHops || !path.every(isHop)) return 'path';
  if (!isInteger(event.omittedHops, 0, maxCausalDepth)) return 'omittedHops';
  if (origin !== undefined && (!isRecord(origin) || Object.hasOwn(origin, 'nodeId'))) return 'origin';
  if (context !== undefined && (!isRecord(context) || frameworkKeys.some((key) => Object.hasOwn(context, key))))
    return 'context';
  return undefined;
}

/** Of an event's context. */
export const frameworkKeys: readonly string[] = ['causal', 'origin', 'integrity'];

function isName(value: unknown): boolean {
  return isText(value, maxNameLength);
}

function isHop(hop: unknown): boolean {
  return Array.isArray(hop) && hop.length === 2 && isName(hop[0]) && isName(hop[1]);
}
