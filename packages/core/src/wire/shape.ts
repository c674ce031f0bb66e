import { plainForm } from './plain-form.js';

/** The keys that no object on the wire may have: they reach for a prototype when they are copied carelessly. */
export function isForbiddenKey(key: string): boolean {
  return (
    (key.length === 9 || key.length === 11) && (key === '__proto__' || key === 'constructor' || key === 'prototype')
  );
}

const viewName = /* @__PURE__ */ Object.getOwnPropertyDescriptor(
  /* @__PURE__ */ Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get as (this: unknown) => string | undefined;

/** Whether only `Object.prototype` of some realm stands behind the value's prototype: the built-in class itself. */
function isDirectInstance(value: object): boolean {
  const prototype = Object.getPrototypeOf(Object.getPrototypeOf(value) ?? value) as object | null;
  return prototype !== null && Object.getPrototypeOf(prototype) === null;
}

/**
 * What an object is to the wire: `Object` (plain), `Array`, `Date`, `Map`, `Set`, `Error`, the name of a typed array,
 * `StandIn` (travels as the plain data it stands for), or `''` for everything that has no place there. Works on objects of other realms, and can't be talked into another answer
 * by a `Symbol.toStringTag`. May throw for a proxy.
 */
export function shapeOf(value: object): string {
  if (Array.isArray(value))
    return Object.getPrototypeOf(value) === Array.prototype || isDirectInstance(value) ? 'Array' : '';
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === Object.prototype || prototype === null) return 'Object';
  if (ArrayBuffer.isView(value)) return viewName.call(value) ?? '';
  if (Object.getPrototypeOf(prototype) === null) return Object.hasOwn(prototype, 'isPrototypeOf') ? 'Object' : '';
  if (plainForm in value) return 'StandIn';
  if (value instanceof Error) return 'Error';
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag === 'Error') return Symbol.toStringTag in value ? '' : 'Error';
  if (!isDirectInstance(value)) return '';
  try {
    if (tag === 'Date') Date.prototype.getTime.call(value);
    else if (tag === 'Map') Map.prototype.has.call(value, 0);
    else if (tag === 'Set') Set.prototype.has.call(value, 0);
    else return '';
    return tag;
  } catch {
    return '';
  }
}

/** Whether an object has a symbol key that a spread would copy. */
export function hasSymbolKey(value: object): boolean {
  const symbols = Object.getOwnPropertySymbols(value);
  return symbols.length > 0 && symbols.some((symbol) => Object.prototype.propertyIsEnumerable.call(value, symbol));
}
