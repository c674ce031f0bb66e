import { defaults } from './options.js';
import { processRows } from './process-rows.js';
import { rows } from './rows.js';

const all = [...rows, ...processRows];
const widest = Math.max(...all.map(({ name }) => name.length));

export const helpText = `Happen beside Moleculer, EventEmitter3 and mitt: the same work in the same run.

Usage: npm run bench -- [options]

  --rounds <n>     how often each contender takes its turn (1 to 10000; default ${defaults.rounds})
  --seconds <s>    how long a turn takes (0.001 to 600; default ${defaults.seconds})
  --only <row>     runs this row alone; may be given several times
  --json           prints one object on one line in place of the table
  --help           prints this

Rows:

${all.map(({ name, title }) => `  ${name.padEnd(widest)}  ${title}`).join('\n')}

Each contender of a row runs in a process of its own; all are warmed up, and then take turns. What is printed is the median
of the turns, the bounds of their middle half, and the median of the ratios within each turn; then the same of processor
time, in microseconds for each one received, which says more while other programs are at work. Counted is what was received.
The last two rows are about whole processes, of which each contender gets a quarter as many as there are rounds.
The exit code is 0 unless something sent was not received, or came back wrong; figures never decide it.
docs/performance.md says more.
`;
