/** The longest line that is kept, in bytes; a longer one is skipped and told about. */
export const longestLine = 1024 * 1024;

/** One line of a text file, without its line end. */
export interface TextLine {
  /** Counted from 1. */
  readonly number: number;
  /** `undefined`: the line was too long to keep. */
  readonly text: string | undefined;
  /** What is wrong with the line. Bytes that are no UTF-8 stand in `text` as U+FFFD. */
  readonly problem?: string;
}

/** The file is not the kind of text we read at all. */
export class NotTextError extends Error {
  override readonly name = 'NotTextError';
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Cuts a stream of bytes into lines, in order. LF, CRLF and a lone CR all end a line; a byte order mark is left out; the
 * last line need not be ended. Never holds more than one line and one chunk.
 *
 * @throws NotTextError for UTF-16, which would read as one enormous line of rubbish
 */
export async function* textLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<TextLine> {
  const line = new LineBuffer();
  let afterCarriageReturn = false;
  for await (const chunk of source) {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte !== lineFeed && byte !== carriageReturn) {
        afterCarriageReturn = false;
        continue;
      }
      // The LF of a CRLF, which may well be the first byte of the next chunk.
      if (byte === lineFeed && afterCarriageReturn) {
        afterCarriageReturn = false;
        start = at + 1;
        continue;
      }
      line.add(chunk.subarray(start, at));
      yield line.take();
      start = at + 1;
      afterCarriageReturn = byte === carriageReturn;
    }
    line.add(chunk.subarray(start));
  }
  if (!line.isEmpty) yield line.take();
}

class LineBuffer {
  #parts: Uint8Array[] = [];
  #length = 0;
  #number = 0;
  readonly #strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #forgiving = new TextDecoder('utf-8', { ignoreBOM: true });

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Copies nothing while a line fits into one chunk, and drops what goes beyond the limit. */
  add(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#length += part.length;
    if (this.#length > longestLine) this.#parts = [];
    else this.#parts.push(part);
  }

  take(): TextLine {
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    const tooLong = this.#length > longestLine;
    const number = ++this.#number;
    this.#parts = [];
    this.#length = 0;
    if (tooLong) return { number, text: undefined, problem: `the line is longer than ${longestLine} bytes` };
    return number === 1 ? this.#decode(number, withoutMark(bytes)) : this.#decode(number, bytes);
  }

  #decode(number: number, bytes: Uint8Array): TextLine {
    try {
      return { number, text: this.#strict.decode(bytes) };
    } catch {
      return { number, text: this.#forgiving.decode(bytes), problem: 'the line is not valid UTF-8' };
    }
  }
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  const [first, second, third] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new NotTextError('it is UTF-16; save it as UTF-8');
  }
  return first === 0xef && second === 0xbb && third === 0xbf ? bytes.subarray(3) : bytes;
}
