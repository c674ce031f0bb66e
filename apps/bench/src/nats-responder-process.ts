/** The other side of a row on NATS: answers, and tells its parent what it heard. Ends with its parent. */
import { heardAtOnce, type ResponderNews } from './works/nats/responder.js';
import { partyOf } from './works/nats/party.js';

const tell = (news: ResponderNews): void => void process.send?.(news);
process.once('disconnect', () => process.exit(0));

let count = 0;
let cents = 0;

try {
  const party = await partyOf(process.argv[2]);
  await party.respond(process.argv[3] ?? '', (each) => {
    count++;
    cents += each;
    if (count < heardAtOnce) return;
    tell({ kind: 'heard', count, cents });
    count = 0;
    cents = 0;
  });
  tell({ kind: 'ready' });
} catch (error) {
  tell({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
