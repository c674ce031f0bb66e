/** A page and a Web Worker of it, each with a space of its own. */
import { type Participant, takePart } from './participant.js';

let page: Participant;
let worker: Worker;

Object.assign(globalThis, {
  async join(webSocketUrl: string) {
    const nats = natsAt(webSocketUrl);
    page = takePart('page', nats);
    worker = new Worker('/web-worker.js', { type: 'module', name: 'worker' });
    const there = said();
    worker.postMessage(nats);
    await Promise.all([page.happen.ready(), there]);
  },
  async left() {
    const there = said();
    return { page: await page.left, worker: await there };
  },
});

/** Where servers of other runtimes are is of no use to a page. */
function natsAt(webSocketUrl: string) {
  return {
    connection: {
      server: { servers: ['nats://127.0.0.1:1'] },
      browser: { servers: [webSocketUrl] },
      reconnectTimeWait: 50,
    },
  };
}

/** The next thing that the worker says. */
function said(): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
}
