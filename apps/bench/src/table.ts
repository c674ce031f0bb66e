import { columns, short } from './columns.js';
import type { Machine } from './machine.js';
import type { Outcome, Standing } from './outcome.js';
import type { Row } from './rows.js';

const header = ['row', 'contender', 'received/s', 'middle half', 'ratio', 'CPU µs', 'by CPU', 'goal'];
const numeric = new Set(['received/s', 'middle half', 'ratio', 'CPU µs', 'by CPU']);

/** The line above the table. */
export function machineLine({ node, platform, processor, cores }: Machine): string {
  return `Node ${node} on ${platform}, ${processor}, ${cores} ${cores === 1 ? 'core' : 'cores'}`;
}

export function table(outcomes: readonly Outcome[]): string {
  const lines = outcomes.flatMap(({ row, standings }) => [
    ...standings.map((standing) => lineOf(row, standing)),
    ...row.absent.map(({ name, why }) => [row.name, name, '–', '–', '–', '–', '–', why]),
  ]);
  return columns(header, numeric, lines);
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
