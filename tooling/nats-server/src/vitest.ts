import { findServer } from './find/find-server.js';
import type { WantedVersion } from './version.js';

/**
 * The servers that everything is tested on, for `describe.each`:
 *
 *     describe.each(eachServer)('on the $version server', ({ version }) => {
 *       const server = await startServer({ serverVersion: version });
 *       // …
 *     });
 */
export const eachServer: readonly { readonly version: WantedVersion }[] = [{ version: 'floor' }, { version: 'newest' }];

/**
 * For vitest's `globalSetup`: finds or fetches both servers before the first test, and says which they are. The run fails with
 * one line if one can't be had.
 */
export async function setup(): Promise<void> {
  for (const { version: wanted } of eachServer) {
    const { path, version } = await findServer({ version: wanted });
    process.stdout.write(`nats-server, ${wanted}: ${version.text} (${path})\n`);
  }
}
