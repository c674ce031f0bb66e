import { ServiceBroker } from 'moleculer';
import { bytesOfEach, count } from './heap.mjs';
import { report } from './report.mjs';

const broker = new ServiceBroker({ logger: false });
await broker.start();
const bytes = await bytesOfEach((index) =>
  broker.createService({ name: `till-${index}`, actions: { order: (ctx) => ctx.params.number + index } }),
);
await broker.waitForServices(`till-${2 * count - 1}`);
const answer = await broker.call(`till-${2 * count - 1}.order`, { number: 1 });
await broker.stop();
report({ bytes, sound: answer === 2 * count });
