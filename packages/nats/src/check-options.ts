/** What options have to be. What is wrong is `HAPPEN_INVALID_CONFIG`, naming the option; secrets are never shown. */
import { durationOf, HappenError } from '@happen/core';
import * as z from 'zod/mini';
import type { GivenConnectionOptions, NatsTransportOptions, Settings } from './options.js';

const text = () =>
  z.optional(z.string({ error: 'a string' }).check(z.minLength(1, { error: 'a string of at least one character' })));
const flag = () => z.optional(z.boolean({ error: 'true or false' }));

function whole(least: number, most: number, error: string) {
  return z.optional(
    z.custom<number>((value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most, {
      error,
    }),
  );
}

function duration(leastMs: number) {
  const error = `${leastMs === 0 ? 'milliseconds' : `${leastMs} milliseconds or more`}, or a string such as "500ms", "2s", "5m"`;
  const check = (value: unknown): boolean => {
    try {
      return durationOf('', value) >= leastMs;
    } catch {
      return false;
    }
  };
  return z.optional(z.custom<number | string>(check, { error }));
}

const urls = () =>
  z.optional(
    z.custom<string | readonly string[]>(
      (value) => {
        const list: readonly unknown[] = Array.isArray(value) ? value : [value];
        return list.length > 0 && list.every((url) => typeof url === 'string' && url.trim() !== '');
      },
      { error: 'the URL of a server, or a list of at least one' },
    ),
  );

const everywhere = () => ({
  space: z.optional(
    z
      .string({ error: 'a string' })
      .check(
        z.minLength(1, { error: 'a string of at least one character' }),
        z.maxLength(64, { error: 'a string of at most 64 characters' }),
      ),
  ),
  jetstream: flag(),
  outboxBytes: whole(1, Number.MAX_SAFE_INTEGER, 'a whole number of bytes, 1 or more'),
  maxFrameBytes: whole(1024, 67_108_864, 'a whole number from 1024 to 67108864'),
  shareFrames: flag(),
});

const dialling = () => ({
  ...everywhere(),
  servers: urls(),
  name: text(),
  user: text(),
  password: z.optional(z.string({ error: 'a string' })),
  token: text(),
  nkey: text(),
  credentials: text(),
  tls: z.optional(
    z.union(
      [
        z.boolean(),
        z.strictObject({
          ca: text(),
          caFile: text(),
          cert: text(),
          certFile: text(),
          key: text(),
          keyFile: text(),
          handshakeFirst: flag(),
        }),
      ],
      { error: 'true, or an object of ca, caFile, cert, certFile, key, keyFile, handshakeFirst' },
    ),
  ),
  reconnect: flag(),
  reconnectTimeWait: duration(0),
  maxReconnectAttempts: whole(-1, Number.MAX_SAFE_INTEGER, 'a whole number, or -1 for ever'),
  pingInterval: duration(100),
});

const given = () => ({
  ...everywhere(),
  connection: z.custom<object>((value) => typeof (value as { subscribe?: unknown } | null)?.subscribe === 'function', {
    error: 'a NatsConnection of @nats-io/nats-core 3',
  }),
});

const secrets = ['password', 'token', 'nkey', 'credentials', 'tls'];

/** @throws HappenError `HAPPEN_INVALID_CONFIG`, naming the option */
export function settingsOf(options: NatsTransportOptions | GivenConnectionOptions): Settings {
  const isGiven = typeof options === 'object' && options !== null && 'connection' in options;
  const shape = isGiven ? given() : dialling();
  const keys = Object.keys(shape).join(', ');
  const schema = z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? `one of ${keys}` : 'an object'),
  });
  const checked = schema.safeParse(options);
  if (!checked.success) throw wrong(checked.error.issues[0] as z.core.$ZodIssue, options);
  const all: NatsTransportOptions = isGiven ? ({ ...options, connection: undefined } as NatsTransportOptions) : options;
  checkWays(all);
  return {
    space: all.space ?? 'happen',
    jetstream: all.jetstream ?? false,
    outboxBytes: all.outboxBytes ?? 16 * 1024 * 1024,
    maxFrameBytes: all.maxFrameBytes ?? 67_108_864,
    shareFrames: all.shareFrames,
    reconnect: all.reconnect ?? true,
    reconnectTimeWaitMs: durationOf('reconnectTimeWait', all.reconnectTimeWait ?? 2_000),
    maxReconnectAttempts: all.maxReconnectAttempts ?? -1,
    pingIntervalMs: durationOf('pingInterval', all.pingInterval ?? 1_000),
  };
}

/** One way to sign in at a time. */
function checkWays(options: NatsTransportOptions): void {
  const ways = (['user', 'token', 'nkey', 'credentials'] as const).filter((way) => options[way] !== undefined);
  if (ways.length > 1) {
    throw invalid(ways[1] as string, `expected one way to sign in; found ${ways.join(' and ')}`);
  }
  if (options.password !== undefined && options.user === undefined)
    throw invalid('user', 'expected with a password; found none');
}

function wrong(issue: z.core.$ZodIssue, options: unknown): HappenError {
  const unknown = issue.code === 'unrecognized_keys' ? (issue.keys[0] as string) : undefined;
  const path = [...issue.path.map(String), ...(unknown === undefined ? [] : [unknown])].join('.') || 'options';
  if (unknown !== undefined) return invalid(path, `unknown key; expected ${issue.message}`);
  let found = options;
  for (const key of issue.path) found = (found as Record<PropertyKey, unknown>)[key];
  const isSecret = secrets.includes(String(issue.path[0]));
  return invalid(path, `expected ${issue.message}; found ${isSecret ? typeof found : shown(found)}`);
}

function shown(found: unknown): string {
  if (typeof found === 'string') return JSON.stringify(found);
  if (Array.isArray(found)) return found.length === 0 ? 'an empty list' : 'a list';
  return typeof found === 'number' || found === null ? String(found) : typeof found;
}

export function invalid(path: string, what: string): HappenError {
  return new HappenError('HAPPEN_INVALID_CONFIG', `${path}: ${what}.`, { details: { path } });
}
