import { memoryHub } from '@happen/core';
import { transportContract } from '@happen/testing/vitest';

const noConnection = 'the ends share memory, so there is no connection to lose';

transportContract({
  label: 'a hub that is never interrupted',
  open() {
    const hub = memoryHub();
    return { join: () => hub.transport(), async close() {} };
  },
  waivers: {
    'tells its host when the connection is lost and when it is back': noConnection,
    'keeps what is published while disconnected, or refuses it with HAPPEN_DISCONNECTED': noConnection,
    'goes on with what was attached before, once the connection is back': noConnection,
    'can be stopped while disconnected': noConnection,
  },
});
