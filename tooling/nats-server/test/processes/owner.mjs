// Starts servers and then dies in the way that its argument says; `natural` has nothing left to do.
import { startServer } from '@happen/nats-server';

const [way = ''] = process.argv.slice(2);
process.stdout.write('starting\n');
const servers = await Promise.all([startServer(), startServer({ websocket: false })]);
await servers[0]?.pause();
process.stdout.write(`${JSON.stringify(servers.map(({ pid }) => pid))}\n`);
if (way === 'exit') process.exit(3);
if (way === 'throw') throw new Error('on purpose');
// What reads standard input stays until it is killed.
if (way === 'wait') process.stdin.resume();
