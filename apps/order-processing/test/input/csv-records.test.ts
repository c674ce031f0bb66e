import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvRecord, csvRecords } from '../../src/input/csv-records.js';
import { longestLine, NotTextError, textLines } from '../../src/input/text-lines.js';

async function* chunks(parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part;
}

async function read(...parts: readonly (string | Uint8Array)[]): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  for await (const record of csvRecords(textLines(chunks(parts)))) records.push(record);
  return records;
}

const good = (line: number, ...fields: string[]) => ({ line, fields });
const bad = (line: number, problem: string) => expect.objectContaining({ line, problem });

describe('reading CSV', () => {
  it('takes LF, CRLF and CR as line ends, and a last line without one', async () => {
    const expected = [good(1, 'a', 'b'), good(2, '1', '2'), good(3, '3', '4')];
    expect(await read('a,b\n1,2\n3,4\n')).toEqual(expected);
    expect(await read('a,b\r\n1,2\r\n3,4')).toEqual(expected);
    expect(await read('a,b\r1,2\r3,4\r')).toEqual(expected);
    expect(await read('a,b\n1,2\r\n3,4\r')).toEqual(expected);
  });

  it('leaves out a byte order mark, and skips blank lines without losing count', async () => {
    expect(await read('\ufeffa,b\r\n\r\n1,2\r\n\n')).toEqual([good(1, 'a', 'b'), good(3, '1', '2')]);
  });

  it('keeps commas, quotes and line breaks inside quotes, and counts their lines', async () => {
    expect(await read('a,b\n1,"x, ""y""\r\nz"\n2,"\n"\n3,""\n')).toEqual([
      good(1, 'a', 'b'),
      good(2, '1', 'x, "y"\nz'),
      good(4, '2', '\n'),
      good(6, '3', ''),
    ]);
  });

  it('takes a quote inside an unquoted field as it stands', async () => {
    expect(await read('1,12" ruler,5\n')).toEqual([good(1, '1', '12" ruler', '5')]);
  });

  it('keeps empty fields, the last one too', async () => {
    expect(await read(',\n,"",\n')).toEqual([good(1, '', ''), good(2, '', '', '')]);
  });

  it('reads the same wherever the chunks are cut', async () => {
    const bytes = Buffer.from('\ufeffa,b\r\nÜ,"1\r\n""2"\r\n\r\n€,😀\r\n');
    const whole = await read(bytes);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(await read(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(whole);
    }
    expect(await read(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it('gives up only the row whose quote is never closed', async () => {
    expect(await read('a,b\n1,"x\n3,4\n5,6\n')).toEqual([
      good(1, 'a', 'b'),
      bad(2, 'the quote opened in field 2 is never closed'),
      good(3, '3', '4'),
      good(4, '5', '6'),
    ]);
  });

  it('gives up only the row whose quote is closed by a later row', async () => {
    expect(await read('a,b\n1,"x\n3,"4"\n5,6\n')).toEqual([
      good(1, 'a', 'b'),
      bad(2, 'text follows the closing quote of field 2'),
      good(3, '3', '4'),
      good(4, '5', '6'),
    ]);
  });

  it('names the row that is not UTF-8 and reads the next', async () => {
    expect(await read('a\n', Uint8Array.of(0xff, 0x2c, 0xc3), '\nü\n')).toEqual([
      good(1, 'a'),
      bad(2, 'the line is not valid UTF-8'),
      good(3, 'ü'),
    ]);
  });

  it('reports a quoted field that is not UTF-8 once, although it goes over several lines', async () => {
    expect(await read('"x\n', Uint8Array.of(0xff), '\ny",1\n2,3\n')).toEqual([
      bad(1, 'the line is not valid UTF-8'),
      good(4, '2', '3'),
    ]);
  });

  it('skips a line that is longer than the limit, and goes on behind it', async () => {
    const half = 'x'.repeat(longestLine / 2);
    expect(await read(half, half, 'x\n1,2\n')).toEqual([
      bad(1, `the line is longer than ${longestLine} bytes`),
      good(2, '1', '2'),
    ]);
    expect(await read(half, half, '\n1,2\n')).toEqual([good(1, half + half), good(2, '1', '2')]);
  });

  it('looks for a closing quote only so far', async () => {
    const lines = Array.from({ length: 20 }, () => 'x'.repeat(longestLine / 10));
    const records = await read(`"\n${lines.join('\n')}\n"`);
    expect(records.at(0)).toEqual(bad(1, 'the quote opened in field 1 is never closed'));
    expect(records.slice(1, -1)).toEqual(lines.map((line, at) => good(at + 2, line)));
  });

  // A generous limit: reading each line again for each line would take hours.
  it('stays quick with a hundred thousand lines behind an open quote', { timeout: 30_000 }, async () => {
    const records = await read(`${','.repeat(1000)}"\n${'\n'.repeat(100_000)}1\n`);
    expect(records).toEqual([bad(1, 'the quote opened in field 1001 is never closed'), good(100_002, '1')]);
  });

  it('refuses UTF-16 by name', async () => {
    await expect(read(Buffer.from('\ufeffa,b\n', 'utf16le'))).rejects.toThrow(NotTextError);
    await expect(read(Buffer.from('\ufeffa,b\n', 'utf16le').swap16())).rejects.toThrow('save it as UTF-8');
  });

  it('closes its source when the reader stops early', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.from('1,2\n');
      } finally {
        closed = true;
      }
    }
    for await (const record of csvRecords(textLines(source()))) if (record.line === 3) break;
    expect(closed).toBe(true);
  });

  it('reads back whatever is written by the rules', async () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'é', '😀') });
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom('\n', '\r\n'), async (rows, lineEnd) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const text = rows.map((row) => row.map(quoted).join(',') + lineEnd).join('');
        expect((await read(text)).map(({ fields }) => fields)).toEqual(rows);
      }),
    );
  });

  it('survives any bytes, and accounts for every line that is not blank', async () => {
    const piece = fc.constantFrom('"', '""', ',', '\n', '\r', '\r\n', 'x', '\u00ff', '\0');
    await fc.assert(
      fc.asyncProperty(fc.array(piece), async (pieces) => {
        const bytes = Buffer.from(pieces.join(''), 'latin1');
        const records = await read(bytes);
        const lines = records.map(({ line }) => line);
        expect(lines).toEqual([...new Set(lines)].sort((one, other) => one - other));
        for (const { problem, fields } of records) expect(problem !== undefined || fields.length > 0).toBe(true);
      }),
    );
  });
});
