import { errorFromWire, errorToWire } from '../wire/error-encoding.js';
import { typedArrayIndex, typedArrays } from '../wire/extensions.js';
import { plainForm, type StandsForPlainData } from '../wire/plain-form.js';
import { shapeOf } from '../wire/shape.js';

/**
 * What stands between a sender's objects and a receiver's, within one process.
 *
 * - `freeze`: plain objects and arrays are frozen in place; what can't be frozen (Date, Map, Set, typed arrays, Error) is
 *   copied for each receiver, with the objects on the way to it. The payload is checked to be able to cross a wire.
 * - `copy`: everything is copied for each receiver, and checked.
 * - `trust`: nothing is touched and nothing is checked.
 */
export type Isolation = 'freeze' | 'copy' | 'trust';

type Plain = Record<string, unknown>;

/**
 * Freezes a checked value's plain objects and arrays in place.
 *
 * @returns whether something in it can't be frozen (a getter, whose value is another each time, included), so that
 *   receivers need copies
 */
export function freezeInPlace(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  let needsCopies = false;
  if (Array.isArray(value)) {
    for (const item of value) needsCopies = freezeInPlace(item) || needsCopies;
  } else {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return true;
    for (const key of Object.keys(value)) {
      const member = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
      needsCopies = member.get !== undefined || freezeInPlace(member.value) || needsCopies;
    }
  }
  Object.freeze(value);
  return needsCopies;
}

/**
 * A copy of a checked value for one receiver, of the kinds that would come off a wire, whatever realm the original is of;
 * with `frozen`, plain objects and arrays of the copy are frozen.
 */
export function copyValue(value: unknown, frozen: boolean): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const shape = shapeOf(value);
  switch (shape) {
    case 'Object':
      return copyMembers(value as Plain, frozen);
    case 'Array': {
      const copy = Array.from(value as unknown[], (item) => copyValue(item, frozen));
      return frozen ? Object.freeze(copy) : copy;
    }
    case 'Date':
      return new Date(Date.prototype.getTime.call(value));
    case 'Map': {
      const copy = new Map<unknown, unknown>();
      Map.prototype.forEach.call(value, (item: unknown, key: unknown) => {
        copy.set(copyValue(key, frozen), copyValue(item, frozen));
      });
      return copy;
    }
    case 'Set': {
      const copy = new Set<unknown>();
      Set.prototype.forEach.call(value, (item: unknown) => copy.add(copyValue(item, frozen)));
      return copy;
    }
    case 'StandIn':
      return copyValue((value as StandsForPlainData)[plainForm](), frozen);
    case 'Error':
      return copyError(value as Error);
    default:
      return copyTypedArray(value as Uint8Array, shape);
  }
}

function copyMembers(value: Plain, frozen: boolean): Plain {
  const copy = (Object.getPrototypeOf(value) === null ? Object.create(null) : {}) as Plain;
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member !== undefined) copy[key] = copyValue(member, frozen);
  }
  return frozen ? Object.freeze(copy) : copy;
}

/** Not by `slice`, which shares the memory of a Node Buffer and keeps subclasses that don't cross a wire. */
function copyTypedArray(array: Uint8Array, shape: string): object {
  const kind = typedArrays[typedArrayIndex(shape)] ?? Uint8Array;
  return new (kind as Uint8ArrayConstructor)(array);
}

/** What would come off a wire, with the stack: an error may hold things that no other value here does. */
function copyError(error: Error): Error {
  const copy = errorFromWire(errorToWire(error));
  try {
    Object.defineProperty(copy, 'stack', { value: error.stack, configurable: true, writable: true });
  } catch {
    // An error whose stack can't be read keeps the one of its copy, as if it had come off a wire.
  }
  return copy;
}
