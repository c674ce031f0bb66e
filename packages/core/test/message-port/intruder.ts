import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { initializeHappen, type Space } from '../../src/index.js';
import { type MessagePortHub, messagePortHub } from '../../src/message-port.js';

/** What stands on the other side of a hub's port and posts what it likes. */
export interface Intruder extends AsyncDisposable {
  readonly hub: MessagePortHub;
  /** A space beside the hub. */
  readonly happen: Space;
  readonly port: MessagePort;
  /** All that came from the hub. */
  readonly heard: unknown[][];
  post(...messages: unknown[]): void;
  /** Resolves when the hub has taken all that was posted before. */
  taken(): Promise<void>;
}

/** A space with a hub, and at its port somebody who has greeted as he should. */
export async function intruder(): Promise<Intruder> {
  const hub = messagePortHub();
  const happen = initializeHappen({ transport: hub.transport() });
  await happen.ready();
  const { port1, port2: port } = new MessageChannel();
  hub.connect(port1);
  const heard: unknown[][] = [];
  let pongs = 0;
  let waiting: (() => void)[] = [];
  port.on('message', (message: unknown[]) => {
    heard.push(message);
    if (message[0] === 'happen.pong') {
      pongs++;
      for (const look of waiting) look();
    }
  });
  const post = (...messages: unknown[]): void => {
    for (const message of messages) port.postMessage(message);
  };
  const taken = async (): Promise<void> => {
    const wanted = pongs + 1;
    post(['happen.ping']);
    while (pongs < wanted) await new Promise<void>((resolve) => void (waiting = [resolve]));
  };
  post(['happen.hello', 1, false]);
  await taken();
  return {
    hub,
    happen,
    port,
    heard,
    post,
    taken,
    async [Symbol.asyncDispose]() {
      port.close();
      hub.close();
      await happen.close({ timeout: 1 });
    },
  };
}
