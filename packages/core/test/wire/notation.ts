import { typedArrays } from '../../src/wire/extensions.js';
import type { EncodedEvent, Frame, Message } from '../../src/wire/messages.js';
import { errorFromWire } from '../../src/wire/error-encoding.js';

/**
 * Values as the golden vectors write them: JSON, with an object of one key that begins with `$` for what JSON has no place
 * for. `$number` (`"-0"`, `"NaN"`, `"Infinity"`, `"-Infinity"`, `"2^53"`), `$bigint` (decimal text), `$date` (milliseconds since
 * 1970), `$bytes` (hexadecimal), `$typed` (`[name, elements]`, bigint elements as text), `$map` (pairs), `$set`, `$error`
 * (`{ name, message, code?, details?, cause? }`), `$repeat` (`[text, times]`), `$undefined`.
 */
export function fromNotation(notation: unknown): unknown {
  if (typeof notation !== 'object' || notation === null) return notation;
  if (Array.isArray(notation)) return notation.map(fromNotation);
  const [key, ...others] = Object.keys(notation);
  const read = others.length === 0 && key !== undefined ? readers[key] : undefined;
  if (read !== undefined) return read((notation as Record<string, never>)[key as string] as never);
  return Object.fromEntries(Object.entries(notation).map(([name, value]) => [name, fromNotation(value)]));
}

const readers: Record<string, (notation: never) => unknown> = {
  $undefined: () => undefined,
  $number: (text: string) => (text.startsWith('2^') ? 2 ** Number(text.slice(2)) : Number(text)),
  $bigint: (text: string) => BigInt(text),
  $date: (time: number) => new Date(time),
  $bytes: bytesOf,
  $repeat: ([text, times]: [string, number]) => text.repeat(times),
  $typed: ([name, elements]: [string, (number | string)[]]) => {
    const TypedArray = typedArrays.find((type) => type.name === name) as typeof Float64Array;
    return TypedArray.from(
      elements.map((element) => (name.startsWith('Big') ? BigInt(element) : Number(element))) as number[],
    );
  },
  $map: (pairs: unknown[][]) => new Map(pairs.map((pair) => pair.map(fromNotation) as [unknown, unknown])),
  $set: (items: unknown[]) => new Set(items.map(fromNotation)),
  $error: (error: object) => errorFromWire(wireErrorOf(error)),
};

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function wireErrorOf(notation: object): never {
  const { cause, details, ...rest } = notation as { cause?: object; details?: object };
  const whole = { code: undefined, ...rest, details: fromNotation(details), cause: cause && wireErrorOf(cause) };
  return whole as never;
}

/** A frame from its notation: events as `{ bytes, hash, integrity? }` in hexadecimal, values of replies in hexadecimal. */
export function frameFromNotation(notation: {
  from: string;
  sequence: number;
  messages: Record<string, unknown>[];
}): Frame {
  return { ...notation, messages: notation.messages.map(messageFromNotation) };
}

function messageFromNotation(notation: Record<string, unknown>): Message {
  const read: Record<string, (value: never) => unknown> = {
    events: (events: { bytes: string; hash: string; integrity?: unknown }[]) => events.map(encodedFrom),
    value: bytesOf,
    error: wireErrorOf,
    items: (items: number | string[]) => (typeof items === 'number' ? items : items.map(bytesOf)),
  };
  const whole = notation['kind'] === 'deliver' ? { target: undefined, key: undefined, dedupeKey: undefined } : {};
  const fields = Object.entries(notation).map(([name, value]) => [name, read[name]?.(value as never) ?? value]);
  return { ...whole, ...(Object.fromEntries(fields) as Message) };
}

function encodedFrom({ bytes, hash, integrity }: { bytes: string; hash: string; integrity?: unknown }): EncodedEvent {
  return { bytes: bytesOf(bytes), hash: bytesOf(hash), integrity: fromNotation(integrity) };
}
