import { type ErrorCode, errorCodes } from '../errors/error-codes.js';
import { HappenError } from '../errors/happen-error.js';
import { envelopeLimits } from './limits.js';
import type { WireError } from './messages.js';
import { RefusalWalk } from './refusal.js';

/** What `details` of one error may hold; more is left out, member by member. */
const detailLimits = { maxDepth: 8, maxItems: 1_000, maxPayloadBytes: 16_384 };

const cutMark = '… (cut)';

/**
 * What crosses a wire of a thrown value: name, message, code, details and causes, never a stack. Never throws, whatever
 * was thrown and whatever its getters do.
 *
 * - Texts longer than their limit (message 8 192 UTF-16 units, name and code 512) are cut and marked.
 * - At most 8 errors of a chain of causes are kept.
 * - A member of `details` that can't be encoded is left out; an error among them becomes its text.
 * - A thrown value that is no error becomes one; an object's own data stands in `details.thrown`.
 */
export function errorToWire(thrown: unknown): WireError {
  return toWire(thrown, envelopeLimits.maxErrorChain);
}

/**
 * The error that a {@link WireError} stands for: a `HappenError` when it names a known code, otherwise an `Error` with
 * the name, the message and, where given, `code`, `details` and `cause`. Its `stack` is its name and message alone.
 */
export function errorFromWire(wire: WireError): Error {
  const traced = Error as { stackTraceLimit?: number };
  const limit = traced.stackTraceLimit;
  // A stack would only show this decoder, and taking one costs ten times the rest: many errors in a frame could stop a process.
  if (limit !== undefined) Reflect.set(traced, 'stackTraceLimit', 0);
  try {
    return build(wire);
  } finally {
    if (limit !== undefined) Reflect.set(traced, 'stackTraceLimit', limit);
  }
}

function build({ name, message, code, details, cause }: WireError): Error {
  const options = cause === undefined ? {} : { cause: build(cause) };
  let error: Error;
  if (name === 'HappenError' && code !== undefined && Object.hasOwn(errorCodes, code)) {
    error = new HappenError(code as ErrorCode, message, details === undefined ? options : { ...options, details });
  } else {
    error = new Error(message, options);
    hide(error, 'name', name);
    if (code !== undefined) Object.assign(error, { code });
    if (details !== undefined) Object.assign(error, { details });
  }
  hide(error, 'stack', `${name}: ${message}`);
  return error;
}

function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, configurable: true, writable: true });
}

function toWire(thrown: unknown, chain: number): WireError {
  const object = (typeof thrown === 'object' && thrown !== null) || typeof thrown === 'function' ? thrown : undefined;
  const message = object === undefined ? undefined : text(object, 'message', envelopeLimits.maxMessageLength);
  const cause = object === undefined || chain <= 1 ? undefined : read(object, 'cause');
  const foreign = object !== undefined && message === undefined;
  return {
    name: (object && text(object, 'name', envelopeLimits.maxNameLength)) || 'Error',
    message: message ?? clip(spell(thrown), envelopeLimits.maxMessageLength),
    code: object && text(object, 'code', envelopeLimits.maxNameLength),
    details: keepSound(foreign ? { thrown } : object && read(object, 'details')),
    cause: cause === undefined || cause === null ? undefined : toWire(cause, chain - 1),
  };
}

function read(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

function text(object: object, key: string, max: number): string | undefined {
  const value = read(object, key);
  return typeof value === 'string' ? clip(value, max) : undefined;
}

/** A text that surely can cross: cut to `max` UTF-16 units, with halves of surrogate pairs replaced. */
export function clip(value: string, max: number): string {
  const short = value.length > max ? value.slice(0, max - cutMark.length) + cutMark : value;
  return short.replace(/[\uD800-\uDFFF]/gu, '\uFFFD');
}

function spell(thrown: unknown): string {
  try {
    return typeof thrown === 'object' && thrown !== null ? 'A value that is no error was thrown.' : String(thrown);
  } catch {
    return 'A value that has no text was thrown.';
  }
}

function keepSound(details: unknown): Record<string, unknown> | undefined {
  const kept: Record<string, unknown> = {};
  try {
    if (typeof details !== 'object' || details === null || Array.isArray(details)) return undefined;
    const walk = new RefusalWalk(detailLimits);
    for (const key of Object.keys(details)) {
      const value = read(details, key);
      const member: Record<string, unknown> = {
        [key]: value instanceof Error ? clip(spellError(value), 1_024) : value,
      };
      if (member[key] !== undefined && walk.find(member) === undefined) kept[key] = member[key];
    }
  } catch {
    // A proxy that refuses to list its keys: what was read so far is all there is.
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}

function spellError(error: Error): string {
  return `${text(error, 'name', envelopeLimits.maxNameLength) ?? 'Error'}: ${text(error, 'message', envelopeLimits.maxMessageLength) ?? ''}`;
}
