/**
 * What the tree of settings about NATS has to be. Each thing that is wrong is one error, `HAPPEN_INVALID_CONFIG`, that names the
 * path and says what was expected; what is right and has no part yet that does it is `HAPPEN_NOT_AVAILABLE`: no setting is
 * ever passed over.
 */
import { durationOf, HappenError } from '@happen/core';
import * as z from 'zod/mini';
import type { Duration, NatsConfig } from './nats-config.js';

const flag = () => z.optional(z.boolean({ error: 'true or false' }));
const name = () =>
  z.optional(
    z
      .string({ error: 'a name of at least one character' })
      .check(z.minLength(1, { error: 'a name of at least one character' })),
  );
const expectedDuration = 'milliseconds (0 or more) or a string such as "500ms", "2s", "5m"';
const duration = () => z.optional(z.custom<Duration>(isDuration, { error: expectedDuration }));
const urls = () =>
  z.optional(z.custom<string | readonly string[]>(isUrls, { error: 'the URL of a server, or a list of at least one' }));

function isDuration(value: unknown): boolean {
  try {
    durationOf('', value);
    return true;
  } catch {
    return false;
  }
}

function isUrls(value: unknown): boolean {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every((url) => typeof url === 'string' && url.trim() !== '');
}

function whole(least: number) {
  const error = `a whole number of ${least} or more`;
  return z.optional(z.custom<number>((value) => Number.isSafeInteger(value) && (value as number) >= least, { error }));
}

function oneOf<const T extends string>(...words: readonly T[]) {
  return z.optional(
    z.enum(words as unknown as readonly [T, ...T[]], { error: words.map((word) => `"${word}"`).join(' or ') }),
  );
}

/** An object of these keys and no others. */
function tree<S extends z.core.$ZodLooseShape>(shape: S) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? `one of ${keys}` : 'an object'),
  });
}

const endpoint = () => ({ servers: urls(), jetstream: flag() });

/** Made when it is needed: who imports something else must not pay for it. */
const schema = () =>
  tree({
    space: name(),
    // What else it holds is the transport's to check.
    connection: z.optional(
      z.looseObject(
        {
          ...endpoint(),
          server: z.optional(tree(endpoint())),
          browser: z.optional(tree(endpoint())),
          reconnectTimeWait: duration(),
        },
        { error: 'an object' },
      ),
    ),
    capabilities: z.optional(
      tree({
        persistence: z.optional(
          tree({
            enabled: flag(),
            keyValue: z.optional(
              tree({ enabled: flag(), buckets: z.optional(tree({ state: name(), temporal: name() })) }),
            ),
            temporal: z.optional(
              tree({
                enabled: flag(),
                history: whole(1),
                maxAge: duration(),
                events: z.optional(
                  z.custom<string | ((type: string) => boolean)>(
                    (value) => typeof value === 'function' || (typeof value === 'string' && value !== ''),
                    { error: 'a pattern of types, or a function of the type' },
                  ),
                ),
              }),
            ),
          }),
        ),
        delivery: z.optional(
          tree({
            mode: oneOf('at-most-once', 'at-least-once', 'exactly-once'),
            exactlyOnce: flag(),
            deduplication: flag(),
            deduplicationWindow: duration(),
          }),
        ),
        flowControl: z.optional(tree({ enabled: flag(), maxPending: whole(1) })),
      }),
    ),
    regions: z.optional(
      tree({
        primary: name(),
        replicas: z.optional(z.array(z.string({ error: 'a name' }), { error: 'a list of names' })),
        coordination: z.optional(
          tree({ strategy: oneOf('primary-replica'), conflictResolution: oneOf('last-writer-wins') }),
        ),
      }),
    ),
  });

/** @throws HappenError `HAPPEN_INVALID_CONFIG`, `HAPPEN_NOT_AVAILABLE`, naming the path */
export function checkNats(config: unknown): asserts config is NatsConfig {
  const checked = schema().safeParse(config);
  if (!checked.success) throw described(checked.error.issues[0] as z.core.$ZodIssue, config);
  const nats = config as NatsConfig;
  checkContradictions(nats);
  checkAvailable(nats);
}

function described(issue: z.core.$ZodIssue, config: unknown): HappenError {
  const unknown = issue.code === 'unrecognized_keys' ? (issue.keys[0] as string) : undefined;
  const path = ['nats', ...issue.path.map(String), ...(unknown === undefined ? [] : [unknown])].join('.');
  if (unknown !== undefined) return invalid(path, `unknown key; expected ${issue.message}`);
  let found = config;
  for (const key of issue.path) found = (found as Record<PropertyKey, unknown>)[key];
  return invalid(path, `expected ${issue.message}; found ${shown(found)}`);
}

function shown(found: unknown): string {
  if (typeof found === 'string' || typeof found === 'number') return JSON.stringify(found) ?? String(found);
  if (Array.isArray(found)) return found.length === 0 ? 'an empty list' : 'a list';
  return found === null ? 'null' : typeof found;
}

function invalid(path: string, what: string): HappenError {
  return new HappenError('HAPPEN_INVALID_CONFIG', `${path}: ${what}.`, { details: { path } });
}

function checkContradictions({ connection, capabilities }: NatsConfig): void {
  for (const part of ['server', 'browser'] as const) {
    for (const key of ['servers', 'jetstream'] as const) {
      if (connection?.[part] === undefined || connection[key] === undefined) continue;
      throw invalid(`nats.connection.${key}`, `expected either this or nats.connection.${part}, not both; found both`);
    }
  }
  const delivery = capabilities?.delivery;
  if (delivery?.exactlyOnce !== undefined && delivery.mode !== undefined) {
    if (delivery.exactlyOnce !== (delivery.mode === 'exactly-once'))
      throw invalid(
        'nats.capabilities.delivery.exactlyOnce',
        `expected what nats.capabilities.delivery.mode says ("${delivery.mode}"); found ${delivery.exactlyOnce}`,
      );
  }
  const durable = delivery?.exactlyOnce === true || (delivery?.mode ?? 'at-most-once') !== 'at-most-once';
  if (!durable) return;
  for (const path of ['', '.server', '.browser'] as const) {
    const at = path === '' ? connection : connection?.[path.slice(1) as 'server' | 'browser'];
    if (at?.jetstream === false)
      throw invalid(`nats.connection${path}.jetstream`, 'expected true, which durable delivery needs; found false');
  }
}

/** What is asked for and not yet there. */
function checkAvailable({ capabilities, regions }: NatsConfig): void {
  const { persistence, delivery, flowControl } = capabilities ?? {};
  if (persistence !== undefined && persistence.enabled !== false) {
    const parts = ['keyValue', 'temporal'] as const;
    if (persistence.enabled === true)
      throw later('nats.capabilities.persistence.enabled', 'State that outlives the process');
    for (const part of parts)
      if (persistence[part] !== undefined && persistence[part].enabled !== false)
        throw later(`nats.capabilities.persistence.${part}`, 'State that outlives the process');
  }
  if (delivery?.exactlyOnce === true) throw later('nats.capabilities.delivery.exactlyOnce', 'Durable delivery');
  if (delivery?.mode !== undefined && delivery.mode !== 'at-most-once')
    throw later('nats.capabilities.delivery.mode', 'Durable delivery');
  if (delivery?.deduplication === true) throw later('nats.capabilities.delivery.deduplication', 'Durable delivery');
  if (delivery?.deduplicationWindow !== undefined && delivery.deduplication !== false)
    throw later('nats.capabilities.delivery.deduplicationWindow', 'Durable delivery');
  if (flowControl !== undefined && flowControl.enabled !== false)
    throw later('nats.capabilities.flowControl', 'Flow control of durable delivery');
  if (regions !== undefined) throw later('nats.regions', 'A space of several regions');
}

/** The error for a setting whose part does not exist yet. */
export function later(path: string, what: string): HappenError {
  return new HappenError(
    'HAPPEN_NOT_AVAILABLE',
    `${path}: not available yet. ${what} is still to come; leave this out.`,
    {
      details: { path },
    },
  );
}
