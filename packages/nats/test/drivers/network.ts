import type { JoinableTransport, Transport } from '@happen/core';
import { type Proxy, startProxy } from '@happen/nats-server';
import type { TransportNetwork } from '@happen/testing';

/** Makes an end of the space, which connects to a port of this machine. */
export type MakeEnd = (port: number, space: string) => JoinableTransport;

let networks = 0;

/** A network of ends at one server, in a space of its own; each end has its own way there, which can be cut. */
export function networkAt(serverPort: number, makeEnd: MakeEnd): TransportNetwork {
  const space = `network-${++networks}`;
  const proxies = new Map<Transport, Proxy>();
  return {
    async join() {
      const proxy = await startProxy({ to: `tcp://127.0.0.1:${serverPort}` });
      const transport = makeEnd(proxy.port, space);
      proxies.set(transport, proxy);
      return transport;
    },
    async interrupt(end) {
      const proxy = proxies.get(end) as Proxy;
      proxy.cut();
      return async () => proxy.heal();
    },
    async close() {
      await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
    },
  };
}
