import { isCausal } from '../event/causal-record.js';
import type { HappenEvent } from '../event/event.js';
import { HappenError } from '../errors/happen-error.js';
import type { Clock } from '../ports/clock.js';

/** The words a priority may be given as. */
export const priorities = Object.freeze({ critical: 100, high: 10, normal: 0, low: -10 });

/** How an event is sent. */
export interface SendOptions {
  /**
   * How long the sender waits for the answer: milliseconds (above 0), or a string such as `"500ms"`, `"30s"`, `"5m"`. It
   * counts from the dispatch. Within a flow whose own time is limited, the remaining time bounds it.
   *
   * @default 30 000
   */
  readonly timeout?: number | string;
  /** Ends the wait with `HAPPEN_CANCELLED` and aborts the handling flow's `signal`. */
  readonly signal?: AbortSignal;
  /** Higher goes first at a node whose `queueStrategy` is `priority`. `critical` is 100, `high` 10, `normal` 0, `low` -10. */
  readonly priority?: number | 'critical' | 'high' | 'normal' | 'low';
  /** Events with the same key are handled by the target one at a time, in order. 1 to 512 characters. */
  readonly key?: string;
  /**
   * Holds the event back: milliseconds or a string as in `timeout`. It waits in memory and is lost with the process. Setting the
   * clock changes nothing.
   */
  readonly delay?: number | string;
  /**
   * Holds the event back until then, by the clock: a Date or milliseconds since 1970. A clock that is set back makes it later, one
   * that is set forward is noticed within a minute.
   */
  readonly at?: Date | number;
  /**
   * A name for this event, 1 to 512 characters: the target handles one event of that name from this sender within two
   * minutes, and answers repetitions with `HAPPEN_DUPLICATE_EVENT`. It remembers the latest 10 000 names.
   */
  readonly dedupeKey?: string;
  /** The event that causes this one, instead of the one being handled. */
  readonly causedBy?: HappenEvent;
  /** Sends without a cause, as a root. */
  readonly detached?: boolean;
}

/** What happens to the items of a broadcast's stream when a receiver is slower than others. */
export type Overflow = 'drop-oldest' | 'block';

/** How an event is broadcast. */
export interface BroadcastOptions extends SendOptions {
  /**
   * Of a stream that the broadcast starts: up to 256 items wait for each receiver that is slower than the others. Then its oldest
   * are dropped and counted, or the generator waits for it, and all others with it.
   *
   * @default 'drop-oldest'
   */
  readonly overflow?: Overflow;
}

/** Takes out of the options what only a broadcast has. @throws HappenError `HAPPEN_INVALID_OPTION` */
export function splitOverflow(options: BroadcastOptions | undefined): {
  readonly overflow: Overflow;
  readonly rest: SendOptions | undefined;
} {
  if (options?.overflow === undefined) return { overflow: 'drop-oldest', rest: options };
  const { overflow, ...rest } = options;
  if (overflow !== 'drop-oldest' && overflow !== 'block') throw wrong('overflow', '"drop-oldest" or "block"', overflow);
  return { overflow, rest };
}

/** After how long, whatever becomes of the clock; or at which time, in milliseconds since 1970, by the clock. */
export type Due = { readonly afterMs: number } | { readonly atMs: number };

/** Whether it is not to be dispatched at once. */
export function isAhead(due: Due, clock: Clock): boolean {
  return 'afterMs' in due || due.atMs > clock.now();
}

/** Options, checked, in one form. */
export interface CheckedOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly priority: number;
  readonly key: string | undefined;
  /** When it is to be dispatched, unless at once. */
  readonly due: Due | undefined;
  readonly dedupeKey: string | undefined;
  readonly causedBy: HappenEvent | undefined;
  readonly detached: boolean;
}

/** The default request timeout, in milliseconds. */
const defaultTimeoutMs = 30_000;

/** What holds without options. */
export const noOptions: CheckedOptions = Object.freeze({
  timeoutMs: defaultTimeoutMs,
  signal: undefined,
  priority: 0,
  key: undefined,
  due: undefined,
  dedupeKey: undefined,
  causedBy: undefined,
  detached: false,
});

const known = ['timeout', 'signal', 'priority', 'key', 'delay', 'at', 'dedupeKey', 'causedBy', 'detached'];

/** @throws HappenError `HAPPEN_INVALID_OPTION`, naming the option */
export function checkOptions(options: SendOptions | undefined): CheckedOptions {
  if (options === undefined) return noOptions;
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw wrong('options', 'an object', options);
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw wrong(name, `one of ${known.join(', ')}`, name);
  }
  const { timeout, signal, priority, key, delay, at, dedupeKey, causedBy, detached } = options;
  if (delay !== undefined && at !== undefined) throw wrong('at', 'either "delay" or "at", not both', at);
  const timeoutMs = timeout === undefined ? defaultTimeoutMs : durationOf('timeout', timeout);
  if (timeoutMs <= 0) throw wrong('timeout', 'more than 0 milliseconds', timeout);
  if (signal !== undefined && !isSignal(signal)) throw wrong('signal', 'an AbortSignal', signal);
  if (causedBy !== undefined && !isCausal(causedBy?.context?.causal)) {
    throw wrong('causedBy', 'an event as a handler received it', causedBy);
  }
  if (detached !== undefined && typeof detached !== 'boolean') throw wrong('detached', 'true or false', detached);
  if (causedBy !== undefined && detached === true)
    throw wrong('detached', 'either "causedBy" or "detached", not both', detached);
  return {
    timeoutMs,
    signal,
    priority: priorityOf(priority),
    key: nameOf('key', key),
    due: dueOf(delay, at),
    dedupeKey: nameOf('dedupeKey', dedupeKey),
    causedBy,
    detached: detached === true,
  };
}

function isSignal(value: unknown): boolean {
  const { aborted, addEventListener, removeEventListener } = (value ?? {}) as Partial<AbortSignal>;
  return (
    typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function'
  );
}

function dueOf(delay: SendOptions['delay'], at: SendOptions['at']): Due | undefined {
  if (delay !== undefined) {
    const afterMs = durationOf('delay', delay);
    return afterMs > 0 ? { afterMs } : undefined;
  }
  if (at === undefined) return undefined;
  const time = at instanceof Date ? at.getTime() : at;
  if (typeof time !== 'number' || !Number.isFinite(time)) throw wrong('at', 'a Date or milliseconds since 1970', at);
  return { atMs: time };
}

function priorityOf(priority: SendOptions['priority']): number {
  if (priority === undefined) return 0;
  if (typeof priority === 'string' && Object.hasOwn(priorities, priority)) return priorities[priority];
  if (typeof priority === 'number' && Number.isFinite(priority)) return priority;
  throw wrong('priority', 'a finite number or critical, high, normal, low', priority);
}

function nameOf(option: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.length === 0 || value.length > 512)
    throw wrong(option, 'a string of 1 to 512 characters', value);
  return value;
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A duration in milliseconds: a number of them, or a string of a number and `ms`, `s`, `m`, `h` or `d`.
 *
 * @throws HappenError `HAPPEN_INVALID_OPTION`
 */
export function durationOf(option: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  const parts = typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(value.trim()) : null;
  const duration = parts === null ? Number.NaN : Number(parts[1]) * (units[parts[2] as string] as number);
  if (Number.isFinite(duration)) return duration;
  throw wrong(option, 'milliseconds (0 or more) or a string such as "500ms", "30s", "5m", "2h", "30d"', value);
}

function wrong(option: string, expected: string, found: unknown): HappenError {
  return new HappenError('HAPPEN_INVALID_OPTION', `Option "${option}": expected ${expected}; found ${shown(found)}.`, {
    details: { option },
  });
}

function shown(found: unknown): string {
  if (typeof found === 'string') return JSON.stringify(found.length > 64 ? `${found.slice(0, 64)}…` : found);
  if (typeof found === 'number' || found === null) return String(found);
  if (Array.isArray(found)) return 'a list';
  if (found instanceof Date) return Number.isNaN(found.getTime()) ? 'an invalid Date' : 'a Date';
  return typeof found;
}
