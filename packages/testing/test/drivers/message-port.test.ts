import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Transport } from '@happen/core';
import { type MessagePortHub, messagePortHub, messagePortTransport } from '@happen/core/message-port';
import { afterAll } from 'vitest';
import type { TransportNetwork } from '../../src/index.js';
import { transportContract } from '../../src/vitest.js';
import type { Order } from './threads/hub-thread.js';

interface PortEnd {
  port: MessagePort;
  connect(port: MessagePort): void;
}

/** A network of ends that reach a hub through ports, wherever that hub is. */
class PortNetwork implements TransportNetwork {
  readonly #newPort: () => MessagePort;
  readonly #ends = new Map<Transport, PortEnd>();
  readonly #close: () => void;

  constructor(newPort: () => MessagePort, close: () => void) {
    this.#newPort = newPort;
    this.#close = close;
  }

  join(): Transport {
    const port = this.#newPort();
    const transport = messagePortTransport(port);
    this.#ends.set(transport, { port, connect: (next) => transport.connect(next) });
    return transport;
  }

  async interrupt(transport: Transport): Promise<() => Promise<void>> {
    const end = this.#ends.get(transport);
    if (end === undefined) throw new Error('This end has no port.');
    end.port.close();
    return async () => {
      end.port = this.#newPort();
      end.connect(end.port);
    };
  }

  async close(): Promise<void> {
    for (const { port } of this.#ends.values()) port.close();
    this.#close();
  }
}

function portTo(hub: MessagePortHub): MessagePort {
  const { port1, port2 } = new MessageChannel();
  hub.connect(port1);
  return port2;
}

transportContract({
  label: 'message ports to a hub in the same thread',
  open() {
    const hub = messagePortHub();
    return new PortNetwork(
      () => portTo(hub),
      () => hub.close(),
    );
  },
});

/** The third end that a clause asks for has no port of its own, and the first two have. */
transportContract({
  label: 'message ports, and a space beside the hub',
  open() {
    const hub = messagePortHub();
    const network = new PortNetwork(
      () => portTo(hub),
      () => hub.close(),
    );
    let ends = 0;
    return {
      join: () => (++ends === 3 ? hub.transport() : network.join()),
      interrupt: (end) => network.interrupt(end),
      close: () => network.close(),
    };
  },
});

/** The second end is where all others meet. */
const noPort = 'the end beside the hub has no port that could fail';
transportContract({
  label: 'a space beside a hub of message ports, and those that reach it',
  open() {
    const hub = messagePortHub();
    const network = new PortNetwork(
      () => portTo(hub),
      () => hub.close(),
    );
    let ends = 0;
    return {
      join: () => (++ends === 1 ? hub.transport() : network.join()),
      interrupt: (end) => network.interrupt(end),
      close: () => network.close(),
    };
  },
  waivers: {
    'tells its host when the connection is lost and when it is back': noPort,
    'keeps what is published while disconnected, or refuses it with HAPPEN_DISCONNECTED': noPort,
    'goes on with what was attached before, once the connection is back': noPort,
    'can be stopped while disconnected': noPort,
  },
});

/** A hub behind a hub: what lies between two ends only passes on. */
transportContract({
  label: 'message ports to hubs that are joined by a port',
  open() {
    const hubs = [messagePortHub(), messagePortHub()] as const;
    const { port1, port2 } = new MessageChannel();
    hubs[0].connect(port1);
    hubs[1].connect(port2);
    let ends = 0;
    return new PortNetwork(
      () => portTo(hubs[++ends % 2 === 0 ? 0 : 1]),
      () => {
        for (const hub of hubs) hub.close();
        port1.close();
      },
    );
  },
});

const thread = new Worker(new URL('./threads/start.mjs', import.meta.url), {
  workerData: { module: new URL('./threads/hub-thread.ts', import.meta.url).href },
  execArgv: ['--conditions=happen-source'],
});
afterAll(() => thread.terminate());
let hubs = 0;

/** Every clause has a hub of its own in that thread, so every frame crosses threads twice. */
transportContract({
  label: 'message ports to a hub in a worker thread',
  open() {
    const hub = ++hubs;
    const order = (given: Order, ports: MessagePort[]): void => thread.postMessage(given, ports);
    return new PortNetwork(
      () => {
        const { port1, port2 } = new MessageChannel();
        order({ hub, port: port1 }, [port1]);
        return port2;
      },
      () => order({ hub }, []),
    );
  },
});
