import { startServer } from '@happen/nats-server';
import { helpText } from './help.js';
import { json } from './json.js';
import { currentLoad, thisMachine } from './machine.js';
import { type Options, parseOptions, UsageError } from './options.js';
import type { Outcome } from './outcome.js';
import type { ProcessOutcome } from './process-outcome.js';
import { processTable } from './process-table.js';
import { runProcessRow } from './run-process-row.js';
import { runRow } from './run-row.js';
import { needsNats } from './rows.js';
import { machineLine, table } from './table.js';
import { serverVariable } from './works/nats/nats-works.js';

/** More than this much at work elsewhere, for each core, and the figures say little. */
const quietLoad = 0.25;

async function run({ rounds, seconds, rows, processRows, json: asJson }: Options): Promise<number> {
  const machine = thisMachine();
  const load = currentLoad();
  const note = (text: string): void => void process.stderr.write(`${text}\n`);
  if (load > quietLoad * machine.cores) {
    note(`Other programs are at work here (load ${load.toFixed(2)}): take the figures as rough, the ratios less so.`);
  }
  const progressOf =
    (of: number) =>
    ({ name }: { readonly name: string }, round: number): void => {
      if (process.stderr.isTTY)
        process.stderr.write(`\r\u001b[K${name}: ${round === 0 ? 'warming up' : `round ${round} of ${of}`}`);
      else if (round === 0) note(`${name} …`);
    };
  const outcomes: Outcome[] = [];
  await using server = rows.some(needsNats) ? await startServer({ jetstream: false, websocket: false }) : undefined;
  if (server !== undefined) {
    note(`nats-server ${server.version}`);
    process.env[serverVariable] = server.url;
  }
  for (const row of rows) {
    outcomes.push(await runRow(row, { rounds, seconds, nodeMajor: machine.nodeMajor, progress: progressOf(rounds) }));
  }
  const processes = Math.ceil(rounds / 4);
  const processOutcomes: ProcessOutcome[] = [];
  for (const row of processRows) {
    processOutcomes.push(await runProcessRow(row, { rounds: processes, progress: progressOf(processes) }));
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  if (asJson) {
    process.stdout.write(`${json(machine, { rounds, seconds }, outcomes, processOutcomes)}\n`);
  } else {
    const tables = [
      ...(outcomes.length > 0
        ? [`${machineLine(machine)}; ${rounds} rounds of ${seconds} s\n\n${table(outcomes)}\n`]
        : []),
      ...(processOutcomes.length > 0
        ? [`${machineLine(machine)}; ${processes} processes each\n\n${processTable(processOutcomes)}\n`]
        : []),
    ];
    process.stdout.write(tables.join('\n'));
  }
  const standings = [...outcomes, ...processOutcomes].flatMap(
    (outcome): readonly { sound: boolean }[] => outcome.standings,
  );
  return standings.every(({ sound }) => sound) ? 0 : 1;
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
