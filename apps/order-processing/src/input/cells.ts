import { isDecimal, scaledDecimal } from './decimal.js';
import { largest } from './limits.js';
import { quoted } from './visible.js';

/** A cell that cannot be read; the message says which and why. */
export class UnreadableCellError extends Error {
  override readonly name = 'UnreadableCellError';
}

type Cells<Column extends string> = Readonly<Record<Column, string>>;

/** A text of at most 1 000 characters, which may be empty. */
export function textIn<Column extends string>(cells: Cells<Column>, column: Column): string {
  const text = cells[column];
  if (text.length > largest.characters) {
    throw new UnreadableCellError(`${column} has ${text.length} characters, more than ${largest.characters}`);
  }
  return text;
}

/** The same, if it must not be empty. */
export function nameIn<Column extends string>(cells: Cells<Column>, column: Column): string {
  const text = textIn(cells, column);
  if (text === '') throw new UnreadableCellError(`${column} is empty`);
  return text;
}

/** A whole number from 1. */
export function idIn<Column extends string>(cells: Cells<Column>, column: Column): number {
  return wholeNumber(cells, column, 1, largest.id);
}

/** The same for a row that has a problem elsewhere; `undefined` if the id cannot be read either. */
export function idIfReadable<Column extends string>(cells: Cells<Column>, column: Column): number | undefined {
  try {
    return idIn(cells, column);
  } catch {
    return undefined;
  }
}

/** A whole number from `least` to 1 000 000 000. */
export function countIn<Column extends string>(cells: Cells<Column>, column: Column, least: number): number {
  return wholeNumber(cells, column, least, largest.count);
}

/** An amount of money from 0, rounded to the cent. */
export function centsIn<Column extends string>(cells: Cells<Column>, column: Column): number {
  const text = decimalIn(cells, column);
  if (Number(text) < 0) throw new UnreadableCellError(`${column} ${quoted(text)} is negative`);
  const cents = scaledDecimal(text, 2);
  if (cents === undefined || cents > largest.cents) {
    throw new UnreadableCellError(`${column} ${quoted(text)} is more than ${largest.cents / 100}`);
  }
  return cents;
}

/** A fraction from 0 to 1, rounded to a hundredth of a per cent. */
export function basisPointsIn<Column extends string>(cells: Cells<Column>, column: Column): number {
  const text = decimalIn(cells, column);
  const fraction = Number(text);
  if (fraction < 0 || fraction > 1) throw new UnreadableCellError(`${column} ${quoted(text)} is not between 0 and 1`);
  return scaledDecimal(text, 4) ?? 0;
}

function wholeNumber<Column extends string>(cells: Cells<Column>, column: Column, least: number, most: number): number {
  const text = decimalIn(cells, column);
  if (!/^[+-]?\d+$/.test(text)) throw new UnreadableCellError(`${column} ${quoted(text)} is not a whole number`);
  const number = Number(text);
  if (number < least) throw new UnreadableCellError(`${column} ${quoted(text)} is less than ${least}`);
  if (number > most) throw new UnreadableCellError(`${column} ${quoted(text)} is more than ${most}`);
  return number;
}

function decimalIn<Column extends string>(cells: Cells<Column>, column: Column): string {
  const text = nameIn(cells, column);
  if (!isDecimal(text)) throw new UnreadableCellError(`${column} ${quoted(text)} is not a number`);
  return text;
}
