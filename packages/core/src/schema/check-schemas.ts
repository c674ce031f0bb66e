import { HappenError } from '../errors/happen-error.js';
import { checkEventType } from '../event/event-type.js';
import type { StandardSchema } from './standard-schema.js';

/** Schemas by type, as a user hands them in. */
export interface GivenSchemas {
  readonly [type: string]: StandardSchema<any, any> | undefined;
}

/**
 * Takes over what a user attached to types: later changes to the object don't matter.
 *
 * @returns `undefined` when there are none, so that nothing is paid for them
 * @throws HappenError `HAPPEN_INVALID_CONFIG`, naming the type
 */
export function takeSchemas(schemas: GivenSchemas | undefined): ReadonlyMap<string, StandardSchema> | undefined {
  if (schemas === undefined) return undefined;
  if (typeof schemas !== 'object' || schemas === null || Array.isArray(schemas))
    throw wrong('events', 'an object of schemas by type');
  const taken = new Map<string, StandardSchema>();
  for (const [type, schema] of Object.entries(schemas)) {
    if (schema === undefined) continue;
    const path = `events[${JSON.stringify(type)}]`;
    if (/[*{}]/.test(type))
      throw wrong(path, 'an exact type, without "*", "{" and "}": schemas are not found by patterns');
    try {
      checkEventType(type);
    } catch (error) {
      throw wrong(path, `a type that nodes can send: ${(error as Error).message}`);
    }
    if (!isStandardSchema(schema)) throw wrong(path, 'a Standard Schema of version 1 (such as one of Zod)');
    taken.set(type, schema);
  }
  return taken.size === 0 ? undefined : taken;
}

function isStandardSchema(value: unknown): value is StandardSchema {
  // Some libraries make schemas that can be called.
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard = (value as Partial<StandardSchema>)['~standard'];
  return (
    typeof standard === 'object' &&
    standard !== null &&
    standard.version === 1 &&
    typeof standard.validate === 'function'
  );
}

function wrong(path: string, expected: string): HappenError {
  return new HappenError('HAPPEN_INVALID_CONFIG', `${path}: expected ${expected}.`, { details: { path } });
}
