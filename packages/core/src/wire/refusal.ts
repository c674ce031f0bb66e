import { envelopeLimits } from './limits.js';
import { plainForm, type StandsForPlainData } from './plain-form.js';
import { hasSymbolKey, isForbiddenKey, shapeOf } from './shape.js';
import { typedArrayIndex } from './extensions.js';

/** Why a value can't be put on a wire, and where in it. */
export interface Refusal {
  /** From the value down, such as `.items[3].when`; `''` for the value itself. */
  path: string;
  /** What is wrong there, as the rest of a sentence: `is a function`. */
  readonly what: string;
  /** Set when the value is sound but more than a limit allows. */
  readonly outgrown?: 'bytes' | 'items';
  /** What a getter threw. */
  readonly cause?: unknown;
}

/** The limits of one walk. */
export interface WalkLimits {
  readonly maxDepth: number;
  readonly maxItems: number;
  readonly maxPayloadBytes: number;
}

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const loneSurrogate = /[\uD800-\uDFFF]/u;

/**
 * Looks for what the encoder would refuse, by the encoder's rules, without encoding. One walk may look at several values;
 * they share its limits. Bytes are counted from below: text by its length, everything else by a byte.
 */
export class RefusalWalk {
  private items = 0;
  private bytes = 0;

  /** @param expandError what stands for an error; without it, errors are refused */
  constructor(
    private readonly limits: WalkLimits,
    private readonly expandError?: (error: object) => unknown,
  ) {}

  /** What has been counted so far, in bytes. */
  get size(): number {
    return this.bytes;
  }

  /** The first thing wrong, in the order of encoding. A refused value doesn't count against the limits. Never throws. */
  find(value: unknown): Refusal | undefined {
    const { items, bytes } = this;
    const found = this.value(value, this.limits.maxDepth);
    if (found !== undefined) {
      this.items = items;
      this.bytes = bytes;
    }
    return found;
  }

  private value(value: unknown, depth: number): Refusal | undefined {
    const outgrown = this.count(1, 1);
    if (outgrown !== undefined) return outgrown;
    switch (typeof value) {
      case 'string':
        return loneSurrogate.test(value)
          ? refusal('holds half of a surrogate pair, which is not valid text')
          : this.count(0, value.length);
      case 'bigint':
        return (value < 0n ? -value : value) >> BigInt(envelopeLimits.maxBigintBytes * 8) > 0n
          ? refusal(`is a bigint of more than ${envelopeLimits.maxBigintBytes} bytes`)
          : undefined;
      case 'number':
      case 'boolean':
        return undefined;
      case 'object':
        if (value === null) return undefined;
        try {
          return this.object(value, depth);
        } catch (cause) {
          return { path: '', what: 'could not be read', cause };
        }
      case 'undefined':
        return refusal('is undefined');
      default:
        return refusal(`is a ${typeof value}`);
    }
  }

  private object(value: object, depth: number): Refusal | undefined {
    const shape = shapeOf(value);
    switch (shape) {
      case 'Object':
        return tooDeep(depth) ?? this.members(value as Record<string, unknown>, depth - 1);
      case 'Array':
        return tooDeep(depth) ?? this.list(value as unknown[], depth - 1);
      case 'Date':
        return Number.isNaN(Date.prototype.getTime.call(value)) ? refusal('is an invalid Date') : undefined;
      case 'Map': {
        const entries: [unknown, unknown][] = [];
        Map.prototype.forEach.call(value, (item: unknown, key: unknown) => entries.push([key, item]));
        return tooDeep(depth) ?? this.count(1, 1) ?? this.entries(entries, depth - 1);
      }
      case 'Set': {
        const items: unknown[] = [];
        Set.prototype.forEach.call(value, (item: unknown) => items.push(item));
        return tooDeep(depth) ?? this.count(1, 1) ?? at('.values()', this.list(items, depth - 1));
      }
      case 'StandIn':
        return this.object((value as StandsForPlainData)[plainForm](), depth);
      case 'Error':
        return this.expandError === undefined ? refusal('is an error') : this.value(this.expandError(value), depth);
      default:
        if (shape !== 'Uint8Array' && typedArrayIndex(shape) < 0) return refusal(`is ${describe(value)}`);
        return this.count(0, (value as Uint8Array).byteLength);
    }
  }

  private members(value: Record<string, unknown>, depth: number): Refusal | undefined {
    if (hasSymbolKey(value)) return refusal('has a symbol as a key');
    for (const key of Object.keys(value)) {
      const segment = identifier.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
      let member: unknown;
      try {
        member = value[key];
      } catch (cause) {
        return { path: segment, what: 'could not be read', cause };
      }
      if (member === undefined) continue;
      if (isForbiddenKey(key)) return { path: segment, what: 'has a name that is not allowed for a key' };
      const found = at(segment, this.keyed(key) ?? this.value(member, depth));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private keyed(key: string): Refusal | undefined {
    return loneSurrogate.test(key)
      ? refusal('holds half of a surrogate pair in its key')
      : this.count(1, key.length + 1);
  }

  private list(value: readonly unknown[], depth: number): Refusal | undefined {
    const { length } = value;
    for (let index = 0; index < length; index++) {
      const found = at(`[${index}]`, this.value(value[index], depth));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private entries(value: readonly [unknown, unknown][], depth: number): Refusal | undefined {
    for (let index = 0; index < value.length; index++) {
      const found = at(`.entries()[${index}]`, this.list(value[index] ?? [], depth));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private count(items: number, bytes: number): Refusal | undefined {
    this.items += items;
    this.bytes += bytes;
    const { maxItems, maxPayloadBytes } = this.limits;
    if (this.items > maxItems) return { path: '', what: '', outgrown: 'items' };
    if (this.bytes > maxPayloadBytes) return { path: '', what: '', outgrown: 'bytes' };
    return undefined;
  }
}

function refusal(what: string): Refusal {
  return { path: '', what };
}

function at(segment: string, found: Refusal | undefined): Refusal | undefined {
  if (found !== undefined) found.path = segment + found.path;
  return found;
}

function tooDeep(depth: number): Refusal | undefined {
  return depth < 1 ? refusal('is nested too deeply, or contains itself') : undefined;
}

function describe(value: object): string {
  if (Array.isArray(value)) return 'an instance of a subclass of Array';
  const made = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof made === 'string' && made !== '' ? `an instance of ${made}` : 'an instance of a class';
}
