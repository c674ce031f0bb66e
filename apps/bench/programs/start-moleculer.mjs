import { ServiceBroker } from 'moleculer';
import { report } from './report.mjs';

const broker = new ServiceBroker({ logger: false });
broker.createService({ name: 'till', actions: { order: (ctx) => ctx.params.number + 1 } });
await broker.start();
const answer = await broker.call('till.order', { number: 1 });
await broker.stop();
report({ sound: answer === 2 });
