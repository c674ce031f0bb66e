import { UnreadableCellError } from './cells.js';
import type { Row, TableSource } from './table.js';

/** A row that was not taken, and why. */
export interface BadRow {
  readonly file: string;
  /** The line on which the row begins, counted from 1 (the header is line 1). */
  readonly line: number;
  readonly reason: string;
}

/** Is told of every bad row, as it is found. */
export type OnBadRow = (row: BadRow) => void;

/** What became of a row. */
export type Taken<Value> =
  | { readonly value: Value; readonly bad?: undefined }
  | { readonly value?: undefined; readonly bad: BadRow };

/**
 * Takes a row, or reports it.
 *
 * @param take throws `UnreadableCellError` if the row cannot be used; not called for a row that has a problem already
 */
export function takeRow<Value>(
  source: TableSource,
  row: Row<string>,
  onBadRow: OnBadRow,
  take: () => Value,
): Taken<Value> {
  let reason = row.problem;
  if (reason === undefined) {
    try {
      return { value: take() };
    } catch (error) {
      if (!(error instanceof UnreadableCellError)) throw error;
      reason = error.message;
    }
  }
  const bad = { file: source.file, line: row.line, reason };
  onBadRow(bad);
  return { bad };
}
