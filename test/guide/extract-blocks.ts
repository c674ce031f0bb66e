import { createHash } from 'node:crypto';

/** A code block of one of the guide's documents, as it stands there. */
export interface CodeBlock {
  /** The document's number: the three digits its file name begins with. */
  readonly seed: string;
  /** Position among the blocks of its document, from 1. */
  readonly block: number;
  /** First and last line of code in the document, counted from 1, fences not included: `'108-128'`. */
  readonly lines: string;
  /** The first 12 hexadecimal digits of the SHA-256 of {@link text}. */
  readonly digest: string;
  /** The heading the block stands under, or an empty string. */
  readonly heading: string;
  /** The code, its lines joined by `\n`; where page breaks cut the block, the parts follow each other. */
  readonly text: string;
}

interface Part {
  readonly start: number;
  readonly end: number;
  readonly heading: string;
  readonly lines: readonly string[];
}

const fence = /^\s*```/;
const codeStart =
  /^(\/\/|[{}]|(const|let|function|class|import|export|return|await)\b|(npm|git|cd) |[\w$]+(\.[\w$]+)*\()/;
const listItem = /^(- |\d+\. \*\*)/;

/**
 * Finds the code blocks of a document.
 *
 * Code stands between fences and in paragraphs that begin like code; in documents without any fence also in paragraphs
 * before which a bracket is still open. Blocks with nothing but empty lines between them are one block: the documents were
 * taken from pages, and a page break ends a fence and begins the next one.
 */
export function extractBlocks(seed: string, document: string): CodeBlock[] {
  const lines = document.split(/\r?\n/);
  return merge(parts(lines), lines).map((part, index) => {
    const text = part.lines.join('\n');
    return {
      seed,
      block: index + 1,
      lines: `${part.start}-${part.end}`,
      digest: createHash('sha256').update(text).digest('hex').slice(0, 12),
      heading: part.heading,
      text,
    };
  });
}

function parts(lines: readonly string[]): Part[] {
  const found: Part[] = [];
  let heading = '';
  const hasFences = lines.some((line) => fence.test(line));
  let unclosed = false;
  let index = 0;
  while (index < lines.length) {
    const line = lines[index] ?? '';
    if (line.trim() === '') {
      index += 1;
      continue;
    }
    const fenced = fence.test(line);
    const start = fenced ? index + 1 : index;
    let end = start;
    while (end < lines.length && !(fenced ? fence.test(lines[end] ?? '') : endsParagraph(lines[end] ?? ''))) end += 1;
    const paragraph = lines.slice(start, end);
    if (fenced || unclosed || codeStart.test(line.trim())) {
      if (paragraph.length > 0) found.push({ start: start + 1, end, heading, lines: paragraph });
      unclosed = !hasFences && openBrackets(joinedSince(found, lines)) > 0;
    } else {
      for (const text of paragraph) heading = headingOf(text) ?? heading;
    }
    index = fenced ? end + 1 : end;
  }
  return found;
}

function endsParagraph(line: string): boolean {
  return line.trim() === '' || fence.test(line);
}

/** The code from the last part back to where only empty lines still join it to what comes before. */
function joinedSince(found: readonly Part[], lines: readonly string[]): string {
  return (merge(found, lines).at(-1)?.lines ?? []).join('\n');
}

function merge(found: readonly Part[], lines: readonly string[]): Part[] {
  const merged: Part[] = [];
  for (const part of found) {
    const previous = merged.at(-1);
    if (previous !== undefined && lines.slice(previous.end, part.start - 1).every(isSeparator)) {
      merged.pop();
      merged.push({ ...previous, end: part.end, lines: [...previous.lines, ...part.lines] });
    } else {
      merged.push(part);
    }
  }
  return merged;
}

function isSeparator(line: string): boolean {
  return line.trim() === '' || fence.test(line);
}

function openBrackets(code: string): number {
  const bare = code.replace(/\/\*[^]*?\*\/|\/\/.*|"[^"\n]*"|'[^'\n]*'|`[^`]*`/g, '');
  return (bare.match(/[([{]/g)?.length ?? 0) - (bare.match(/[)\]}]/g)?.length ?? 0);
}

function headingOf(line: string): string | undefined {
  const marked = /^#+ (.+)$/.exec(line);
  if (marked !== null) return (marked[1] ?? '').replaceAll('**', '').trim();
  const plain = line.trimEnd();
  const isHeading =
    plain.length <= 60 &&
    /^["A-Z0-9]/.test(plain) &&
    !/[.:,;!?]$/.test(plain) &&
    !listItem.test(line) &&
    !plain.includes('\t');
  return isHeading ? plain : undefined;
}
