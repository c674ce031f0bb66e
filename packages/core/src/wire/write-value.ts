import { errorToWire } from './error-encoding.js';
import { errorRecord } from './error-record.js';
import { extensionTypes, firstTypedArrayType, toWireOrder, typedArrayIndex } from './extensions.js';
import { plainForm, type StandsForPlainData } from './plain-form.js';
import { hasSymbolKey, isForbiddenKey, shapeOf } from './shape.js';
import { Refused, type Writer } from './writer.js';

/**
 * Writes a value in the profile's form.
 *
 * @param depth how many containers may still be opened
 * @throws Refused, Outgrown, and whatever a getter or a proxy of the value throws
 */
export function writeValue(writer: Writer, value: unknown, depth: number): void {
  switch (typeof value) {
    case 'string':
      return writer.string(value);
    case 'number':
      return writer.number(value);
    case 'boolean':
      return writer.boolean(value);
    case 'bigint':
      return writer.bigint(extensionTypes.bigint, value);
    case 'object':
      return value === null ? writer.nil() : writeObject(writer, value, depth);
    default:
      throw new Refused();
  }
}

function writeObject(writer: Writer, value: object, depth: number): void {
  const shape = shapeOf(value);
  switch (shape) {
    case 'Object':
      return writeMembers(writer, value as Record<string, unknown>, enter(depth));
    case 'Array':
      return writeItems(writer, value as unknown[], enter(depth));
    case 'Date': {
      const time = Date.prototype.getTime.call(value);
      if (Number.isNaN(time)) throw new Refused();
      return writer.timestamp(extensionTypes.timestamp, time);
    }
    case 'Map':
      return writer.enclose(extensionTypes.map, () => {
        const flat: unknown[] = [];
        Map.prototype.forEach.call(value, (item: unknown, key: unknown) => flat.push(key, item));
        writeItems(writer, flat, enter(depth));
      });
    case 'Set':
      return writer.enclose(extensionTypes.set, () => {
        const flat: unknown[] = [];
        Set.prototype.forEach.call(value, (item: unknown) => flat.push(item));
        writeItems(writer, flat, enter(depth));
      });
    case 'Error':
      return writer.enclose(extensionTypes.error, () => writeValue(writer, errorRecord(errorToWire(value)), depth));
    case 'StandIn':
      return writeObject(writer, (value as StandsForPlainData)[plainForm](), depth);
    case 'Uint8Array':
      return writer.binary(value as Uint8Array);
    default: {
      const index = typedArrayIndex(shape);
      if (index < 0) throw new Refused();
      const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT } = value as Int8Array;
      const content = new Uint8Array(buffer, byteOffset, byteLength).slice();
      return writer.extension(firstTypedArrayType + index, toWireOrder(content, BYTES_PER_ELEMENT));
    }
  }
}

function enter(depth: number): number {
  if (depth < 1) throw new Refused();
  return depth - 1;
}

function writeItems(writer: Writer, items: readonly unknown[], depth: number): void {
  const { length } = items;
  writer.array(length);
  for (let index = 0; index < length; index++) writeValue(writer, items[index], depth);
}

function writeMembers(writer: Writer, value: Record<string, unknown>, depth: number): void {
  if (hasSymbolKey(value)) throw new Refused();
  const keys = Object.keys(value);
  const header = writer.object(keys.length);
  let written = 0;
  for (const key of keys) {
    // Read once: a getter may give something else the second time.
    const member = value[key];
    if (member === undefined) continue;
    if (isForbiddenKey(key)) throw new Refused();
    writer.string(key);
    writeValue(writer, member, depth);
    written++;
  }
  if (written !== keys.length) writer.correctObject(header, keys.length, written);
}
