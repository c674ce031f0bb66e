import { startServer } from '@happen/nats-server';

/** One NATS server for all snippets, where a space of the package `happen` looks for it. */
export async function setup() {
  const server = await startServer({ jetstream: false });
  process.env.NATS_URL = server.url;
  return () => server.stop();
}
