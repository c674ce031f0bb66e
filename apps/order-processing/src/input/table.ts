import { csvRecords } from './csv-records.js';
import { visible } from './visible.js';
import { textLines } from './text-lines.js';

/** The input cannot be used at all: there is no such file, or it does not have the columns we need. */
export class UnusableInputError extends Error {
  override readonly name = 'UnusableInputError';
}

/** A row of a table. */
export interface Row<Column extends string> {
  /** The line on which it begins, counted from 1 (the header is line 1). */
  readonly line: number;
  /** Its cells by column name, trimmed. A column which the file or the row lacks reads as `''`. */
  readonly cells: Readonly<Record<Column, string>>;
  /** Why the row must not be used; its cells may then only serve to tell whose row it is. */
  readonly problem?: string;
}

/** A CSV file to be read by its header. */
export interface TableSource {
  /** How messages call it. */
  readonly file: string;
  readonly open: () => AsyncIterable<Uint8Array>;
}

/** Which columns a table must have, and which it may. Others are left alone, and their order does not matter. */
export interface Columns<Required extends string, Optional extends string> {
  readonly required: readonly Required[];
  readonly optional: readonly Optional[];
}

/**
 * Reads a table row by row, in the order of the file, without holding it. A row that is no proper record of the header's
 * width comes with a `problem`, and reading goes on.
 *
 * @throws UnusableInputError if the file cannot be opened or read, is no text, or its header lacks a required column or
 *   names one twice
 */
export async function* tableRows<Required extends string, Optional extends string>(
  source: TableSource,
  columns: Columns<Required, Optional>,
): AsyncGenerator<Row<Required | Optional>> {
  const { file } = source;
  let header: Header<Required | Optional> | undefined;
  for await (const record of readableRecords(source)) {
    if (header === undefined) {
      if (record.problem !== undefined) throw new UnusableInputError(`${file}:${record.line}: ${record.problem}`);
      header = readHeader(file, record.fields, columns);
      continue;
    }
    const problem = record.problem ?? header.mismatch(record.fields);
    yield { line: record.line, cells: header.cells(record.fields), ...(problem !== undefined && { problem }) };
  }
  if (header === undefined) {
    throw new UnusableInputError(`${file} is empty; expected a header row with ${columns.required.join(', ')}`);
  }
}

async function* readableRecords(source: TableSource) {
  try {
    yield* csvRecords(textLines(source.open()));
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'AbortError') throw cause;
    throw new UnusableInputError(`Cannot read ${source.file}: ${whyUnreadable(cause)}`, { cause });
  }
}

function whyUnreadable(cause: unknown): string {
  const { code, message } = cause as { code?: unknown; message?: unknown };
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'reading it is not permitted';
  return String(message ?? cause);
}

interface Header<Column extends string> {
  mismatch(fields: readonly string[]): string | undefined;
  cells(fields: readonly string[]): Record<Column, string>;
}

function readHeader<Required extends string, Optional extends string>(
  file: string,
  fields: readonly string[],
  { required, optional }: Columns<Required, Optional>,
): Header<Required | Optional> {
  const names = fields.map((name) => name.trim().toLowerCase());
  const missing = required.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    throw new UnusableInputError(
      `${file} has no column ${missing.join(', ')}; its header names ${names.map((name) => visible(name)).join(', ')}`,
    );
  }
  const wanted = [...required, ...optional].map((column) => ({ column, index: names.indexOf(column) }));
  const twice = wanted.find(({ column, index }) => index !== names.lastIndexOf(column));
  if (twice !== undefined) throw new UnusableInputError(`${file} names the column ${twice.column} twice`);
  return {
    mismatch({ length }) {
      if (length === names.length) return undefined;
      return length < names.length
        ? `missing column ${visible(names[length] ?? '')}: the row has ${length} of ${names.length} fields`
        : `the row has ${length} fields, the header ${names.length}`;
    },
    cells(row) {
      const cells = {} as Record<Required | Optional, string>;
      for (const { column, index } of wanted) cells[column] = (row[index] ?? '').trim();
      return cells;
    },
  };
}
