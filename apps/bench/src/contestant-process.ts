/** The process of one contender in one row: sets the contender up, and runs a round whenever it is told to. */
import { measure } from './measure.js';
import { type Command, find, type Reply } from './protocol.js';
import { makeWork } from './works/make-work.js';

function tell(reply: Reply): void {
  process.send?.(reply);
}

function fail(error: unknown): void {
  tell({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

try {
  const { row, contender } = find(process.argv[2], process.argv[3]);
  const work = await makeWork(row.name, contender);
  process.on('message', ({ seconds }: Command) => {
    measure(work, seconds).then((round) => tell({ kind: 'round', round }), fail);
  });
  process.once('disconnect', () => {
    work.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
  tell({ kind: 'ready' });
} catch (error) {
  fail(error);
}
