import { columns, digits } from './columns.js';
import type { ProcessOutcome, ProcessStanding } from './process-outcome.js';
import type { ProcessRow } from './process-rows.js';

const header = ['row', 'contender', 'median', 'middle half', 'ratio (less is better)', 'CPU ms', 'by CPU', ''];
const numeric = new Set(['median', 'middle half', 'ratio (less is better)', 'CPU ms', 'by CPU']);

/** The table of what is measured of whole processes. */
export function processTable(outcomes: readonly ProcessOutcome[]): string {
  const lines = outcomes.flatMap(({ row, standings }) => [
    ...standings.map((standing) => lineOf(row, standing)),
    ...row.absent.map(({ name, why }) => [row.name, name, '–', '–', '–', '–', '–', why]),
  ]);
  return columns(header, numeric, lines);
}

function lineOf(
  row: ProcessRow,
  { name, figure: { median, lowerQuartile, upperQuartile }, ratio, cpuMilliseconds, cpuRatio, sound }: ProcessStanding,
): string[] {
  const unit = row.figure === 'bytes' ? 'B' : 'ms';
  const shown = (figure: number): string =>
    `${row.figure === 'bytes' ? Math.round(figure).toLocaleString('en') : digits(figure)} ${unit}`;
  const isReference = name === row.reference;
  return [
    row.name,
    name,
    shown(median),
    `${shown(lowerQuartile)} to ${shown(upperQuartile)}`,
    ratio === undefined ? (isReference ? '1' : '–') : `${ratio.toFixed(2)} × ${row.reference}`,
    cpuMilliseconds === undefined ? '–' : digits(cpuMilliseconds),
    cpuRatio === undefined ? (isReference && cpuMilliseconds !== undefined ? '1' : '–') : cpuRatio.toFixed(2),
    sound ? '' : 'NOT SOUND',
  ];
}
