import { transportContract } from '@happen/testing/vitest';
import { myTransport, startMyServer } from './my-driver.js';

transportContract({
  label: 'my transport',
  async open() {
    const server = await startMyServer();
    return {
      join: () => myTransport({ url: server.url }),
      async interrupt() {
        await server.dropConnections();
        return () => server.acceptConnections();
      },
      close: () => server.stop(),
    };
  },
});
