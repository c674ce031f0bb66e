import { longestLine, type TextLine } from './text-lines.js';

/** One record of a CSV file: its fields, or what is wrong with it. */
export interface CsvRecord {
  /** The line on which the record begins, counted from 1, line breaks inside quotes included. */
  readonly line: number;
  /** When there is a problem: the fields in front of it. */
  readonly fields: readonly string[];
  readonly problem?: string;
}

/**
 * Assembles lines into records by RFC 4180: fields are separated by commas; a field in double quotes may hold commas,
 * line breaks (handed on as LF) and doubled quotes; a quote inside an unquoted field is an ordinary character. Blank
 * lines are skipped.
 *
 * A broken record costs itself and nothing else: where a quote is never closed, or text follows a closing one, the
 * record is yielded with a `problem` and reading goes on with the very next line. In search of a closing quote at most
 * `longestLine` characters are held.
 */
export async function* csvRecords(lines: AsyncIterable<TextLine>): AsyncGenerator<CsvRecord> {
  const source = lines[Symbol.asyncIterator]();
  /** Lines that were read in search of a closing quote, to be read once more as records of their own; the next is last. */
  const again: TextLine[] = [];
  async function nextLine(): Promise<TextLine | undefined> {
    const waiting = again.pop();
    if (waiting !== undefined) return waiting;
    const next = await source.next();
    return next.done === true ? undefined : next.value;
  }

  try {
    for (let first = await nextLine(); first !== undefined; first = await nextLine()) {
      if (first.text === '' && first.problem === undefined) continue;
      const record = new FieldReader();
      const taken: TextLine[] = [];
      let size = 0;
      let unreadable: string | undefined;
      for (let line: TextLine | undefined = first; line !== undefined; line = await nextLine()) {
        taken.push(line);
        unreadable ??= line.problem;
        if (line.text === undefined) break;
        record.read(line.text);
        size += line.text.length + 1;
        if (!record.inQuotes || size > longestLine) break;
      }
      const broken = record.problem;
      if (broken !== undefined) for (let at = taken.length - 1; at > 0; at--) again.push(taken[at]!);
      const problem = broken ?? unreadable;
      yield { line: first.number, fields: record.complete, ...(problem !== undefined && { problem }) };
    }
  } finally {
    await source.return?.();
  }
}

/** Reads the fields of one record, line by line. */
class FieldReader {
  readonly complete: string[] = [];
  /** Whether the lines read so far end inside a quoted field, so that the record goes on with the next line. */
  inQuotes = false;
  #quoted = '';
  #misplaced = false;

  get problem(): string | undefined {
    if (this.inQuotes) return `the quote opened in field ${this.complete.length + 1} is never closed`;
    return this.#misplaced ? `text follows the closing quote of field ${this.complete.length}` : undefined;
  }

  read(line: string): void {
    if (this.inQuotes) this.#quoted += '\n';
    let at = 0;
    for (;;) {
      if (!this.inQuotes && line[at] === '"') {
        this.inQuotes = true;
        this.#quoted = '';
        at++;
      }
      const end = this.inQuotes ? this.#quotedField(line, at) : this.#plainField(line, at);
      if (end >= line.length) return;
      if (line[end] !== ',') {
        this.#misplaced = true;
        return;
      }
      at = end + 1;
    }
  }

  /** Returns where the field ends: at a comma, or at the end of the line. */
  #plainField(line: string, start: number): number {
    const comma = line.indexOf(',', start);
    const end = comma === -1 ? line.length : comma;
    this.complete.push(line.slice(start, end));
    return end;
  }

  /** Returns the place behind the closing quote, or the end of the line if there is none. */
  #quotedField(line: string, start: number): number {
    for (let at = start; ; ) {
      const quote = line.indexOf('"', at);
      if (quote === -1) {
        this.#quoted += line.slice(at);
        return line.length;
      }
      this.#quoted += line.slice(at, quote);
      at = quote + 1;
      if (line[at] !== '"') {
        this.complete.push(this.#quoted);
        this.inQuotes = false;
        return at;
      }
      this.#quoted += '"';
      at++;
    }
  }
}
