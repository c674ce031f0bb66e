import { shapeOf } from './shape.js';

/** A string of `min` (1 unless told) to `max` UTF-16 units. */
export function isText(value: unknown, max: number, min = 1): value is string {
  return typeof value === 'string' && value.length >= min && value.length <= max;
}

/** The same, or nil. */
export function isOptionalText(value: unknown, max: number, min = 1): value is string | null {
  return value === null || isText(value, max, min);
}

/** An integer from `min` to `max`, by default to 2^53-1. */
export function isInteger(value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}

/** A plain object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && shapeOf(value) === 'Object';
}
