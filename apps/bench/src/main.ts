import { helpText } from './help.js';
import { json } from './json.js';
import { currentLoad, thisMachine } from './machine.js';
import { type Options, parseOptions, UsageError } from './options.js';
import type { Outcome } from './outcome.js';
import { runRow } from './run-row.js';
import { machineLine, table } from './table.js';

/** More than this much at work elsewhere, for each core, and the figures say little. */
const quietLoad = 0.25;

async function run({ rounds, seconds, rows, json: asJson }: Options): Promise<number> {
  const machine = thisMachine();
  const load = currentLoad();
  const note = (text: string): void => void process.stderr.write(`${text}\n`);
  if (load > quietLoad * machine.cores) {
    note(`Other programs are at work here (load ${load.toFixed(2)}): take the figures as rough, the ratios less so.`);
  }
  const outcomes: Outcome[] = [];
  for (const row of rows) {
    if (!process.stderr.isTTY) note(`${row.name} …`);
    outcomes.push(
      await runRow(row, {
        rounds,
        seconds,
        nodeMajor: machine.nodeMajor,
        progress: (_row, round) => {
          if (process.stderr.isTTY)
            process.stderr.write(
              `\r\u001b[K${row.name}: ${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}`,
            );
        },
      }),
    );
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  if (asJson) process.stdout.write(`${json(machine, { rounds, seconds }, outcomes)}\n`);
  else process.stdout.write(`${machineLine(machine)}; ${rounds} rounds of ${seconds} s\n\n${table(outcomes)}\n`);
  return outcomes.every(({ standings }) => standings.every(({ sound }) => sound)) ? 0 : 1;
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(helpText);
  else process.exitCode = await run(options);
} catch (error) {
  const usage = error instanceof UsageError;
  process.stderr.write(
    usage ? `${error.message}\nTry --help.\n` : `${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = usage ? 2 : 1;
}
