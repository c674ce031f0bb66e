import type { Machine } from './machine.js';
import type { Outcome, Standing } from './outcome.js';
import type { Row } from './rows.js';

const header = ['row', 'contender', 'received/s', 'middle half', 'ratio', 'CPU µs', 'by CPU', 'goal'];
const numeric = new Set(['received/s', 'middle half', 'ratio', 'CPU µs', 'by CPU']);

/** The line above the table. */
export function machineLine({ node, platform, processor, cores }: Machine): string {
  return `Node ${node} on ${platform}, ${processor}, ${cores} ${cores === 1 ? 'core' : 'cores'}`;
}

/** A table that reads well on a terminal and is Markdown too. */
export function table(outcomes: readonly Outcome[]): string {
  const lines = outcomes.flatMap(({ row, standings }) => [
    ...standings.map((standing) => lineOf(row, standing)),
    ...row.absent.map(({ name, why }) => [row.name, name, '–', '–', '–', '–', '–', why]),
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => (line[column] as string).length)),
  );
  const written = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => aligned(cell, column, widths)).join(' | ')} |`;
  const rule = header.map((title, column) =>
    numeric.has(title) ? '-'.repeat((widths[column] as number) - 1).concat(':') : '-'.repeat(widths[column] as number),
  );
  return [written(header), written(rule), ...lines.map(written)].join('\n');
}

function lineOf(
  row: Row,
  { name, rate, ratio, cpuMicroseconds, cpuRatio, goal, sound, sent, received, wrong }: Standing,
): string[] {
  const compared =
    ratio === undefined ? (name === row.reference ? '1' : '–') : `${ratio.toFixed(2)} × ${row.reference}`;
  const byCpu = cpuRatio === undefined ? (name === row.reference ? '1' : '–') : cpuRatio.toFixed(2);
  const aim = goal === undefined ? '' : `≥ ${goal.atLeast}: ${goal.reached ? 'reached' : 'not reached'}`;
  const fault = sound ? '' : `NOT SOUND: ${sent} sent, ${received} received, ${wrong} wrong`;
  return [
    row.name,
    name,
    short(rate.median),
    `${short(rate.lowerQuartile)} to ${short(rate.upperQuartile)}`,
    compared,
    cpuMicroseconds.toFixed(cpuMicroseconds < 10 ? 3 : 1),
    byCpu,
    [aim, fault].filter((part) => part !== '').join('; '),
  ];
}

/** Three digits that matter: `2.41 M`, `812 k`, `95`. */
function short(rate: number): string {
  if (rate >= 999_500) return `${digits(rate / 1_000_000)} M`;
  if (rate >= 999.5) return `${digits(rate / 1000)} k`;
  return digits(rate);
}

function digits(value: number): string {
  return value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
}

function aligned(cell: string, column: number, widths: readonly number[]): string {
  const width = widths[column] as number;
  return numeric.has(header[column] as string) ? cell.padStart(width) : cell.padEnd(width);
}
