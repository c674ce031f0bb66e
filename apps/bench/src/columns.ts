/** A table that reads well on a terminal and is Markdown too. */
export function columns(header: readonly string[], numeric: ReadonlySet<string>, lines: readonly string[][]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => (line[column] as string).length)),
  );
  const aligned = (cell: string, column: number): string => {
    const width = widths[column] as number;
    return numeric.has(header[column] as string) ? cell.padStart(width) : cell.padEnd(width);
  };
  const written = (line: readonly string[]): string => `| ${line.map(aligned).join(' | ')} |`;
  const rule = header.map((title, column) =>
    numeric.has(title) ? '-'.repeat((widths[column] as number) - 1).concat(':') : '-'.repeat(widths[column] as number),
  );
  return [written(header), written(rule), ...lines.map(written)].join('\n');
}

/** Three digits that matter: `2.41 M`, `812 k`, `95`. */
export function short(rate: number): string {
  if (rate >= 999_500) return `${digits(rate / 1_000_000)} M`;
  if (rate >= 999.5) return `${digits(rate / 1000)} k`;
  return digits(rate);
}

export function digits(value: number): string {
  return value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
}
