/** A node that may live elsewhere, and what its sender knows of it. */
import { HappenError } from '../errors/happen-error.js';
import type { Handled } from '../flow/step.js';
import { checkPayloads } from './check-payloads.js';
import { type GivenSchemas, takeSchemas } from './check-schemas.js';
import type { StandardSchema } from './standard-schema.js';
import { firstOf } from '../flow/handled.js';

const schemasKey: unique symbol = Symbol('happen.schemas');

interface Reference {
  readonly id: string;
  readonly [schemasKey]?: ReadonlyMap<string, StandardSchema>;
}

/** @throws HappenError `HAPPEN_INVALID_CONFIG` */
export function referenceTo(id: string, events: GivenSchemas | undefined): Reference {
  const schemas = takeSchemas(events);
  const reference: Reference = { id };
  if (schemas !== undefined) Object.defineProperty(reference, schemasKey, { value: schemas });
  return Object.freeze(reference);
}

/** Why an event or batch need not be sent, as far as its sender can tell; what an asynchronous schema says is left to the node. */
export function refusalBySender(target: unknown, handled: Handled): HappenError | undefined {
  if (typeof target !== 'object' || target === null) return undefined;
  const { id, [schemasKey]: schemas } = target as Reference;
  if (schemas === undefined) return undefined;
  const { type } = firstOf(handled);
  const schema = schemas.get(type);
  const found = schema === undefined ? undefined : checkPayloads(schema, handled, id);
  return found instanceof HappenError ? found : undefined;
}
