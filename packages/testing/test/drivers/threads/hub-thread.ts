/** A thread with hubs and no space: every port that it is sent is let in, at the hub it is meant for. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { type MessagePortHub, messagePortHub } from '@happen/core/message-port';

/** What the thread is told. */
export interface Order {
  readonly hub: number;
  /** To be let in; without one, the hub is closed. */
  readonly port?: MessagePort;
}

const hubs = new Map<number, MessagePortHub>();

parentPort?.on('message', ({ hub: number, port }: Order) => {
  const hub = hubs.get(number) ?? messagePortHub();
  if (port === undefined) {
    hub.close();
    hubs.delete(number);
    return;
  }
  hubs.set(number, hub);
  hub.connect(port);
});
