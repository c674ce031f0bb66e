import { memoryHub, memoryStore, type Store, type Transport } from '@happen/core';

/** Stands in for a reader's server and driver, so that the README's examples run. */
export interface MyServer {
  readonly url: string;
  dropConnections(): Promise<void>;
  acceptConnections(): Promise<void>;
  stop(): Promise<void>;
}

const hubs = new Map<string, { readonly hub: ReturnType<typeof memoryHub>; readonly ends: Transport[] }>();
const stores = new Map<string, Store>();

export async function startMyServer(): Promise<MyServer> {
  const url = `my://localhost:${hubs.size + 1}`;
  const hub = memoryHub();
  const ends: Transport[] = [];
  hubs.set(url, { hub, ends });
  return {
    url,
    dropConnections: async () => ends.forEach((end) => hub.disconnect(end)),
    acceptConnections: async () => ends.forEach((end) => hub.reconnect(end)),
    stop: async () => void hubs.delete(url),
  };
}

export function myTransport({ url }: { readonly url: string }): Transport {
  const server = hubs.get(url);
  if (server === undefined) throw new Error(`nothing listens at ${url}`);
  const end = server.hub.transport();
  server.ends.push(end);
  return end;
}

export async function myStore({ path }: { readonly path: string }): Promise<Store> {
  const first = stores.get(path) ?? memoryStore();
  stores.set(path, first);
  return memoryStore({ sharing: first });
}
