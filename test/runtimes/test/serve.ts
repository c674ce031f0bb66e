import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Site extends AsyncDisposable {
  readonly url: string;
}

/** Serves an empty page that loads `/page.js`, and the scripts, on the loopback interface. */
export async function serveSite(scripts: ReadonlyMap<string, string>): Promise<Site> {
  const page =
    '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>';
  const server = createServer((request, response) => {
    const script = scripts.get(request.url ?? '');
    if (request.url === '/') response.setHeader('content-type', 'text/html').end(page);
    else if (script !== undefined) response.setHeader('content-type', 'text/javascript').end(script);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
