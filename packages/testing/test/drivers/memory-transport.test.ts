import { type MemoryHubOptions, memoryHub } from '@happen/core';
import type { TransportSubject } from '../../src/index.js';
import { transportContract } from '../../src/vitest.js';

function hubSubject(label: string, options: MemoryHubOptions): TransportSubject {
  return {
    label,
    open() {
      const hub = memoryHub(options);
      return {
        join: () => hub.transport(),
        async interrupt(end) {
          hub.disconnect(end);
          return async () => hub.reconnect(end);
        },
        async close() {},
      };
    },
  };
}

transportContract(hubSubject('memory', {}));
transportContract(hubSubject('memory with delays', { delayMs: [0, 3] }));
transportContract(hubSubject('memory that reorders', { reorder: 0.1 }));
transportContract(hubSubject('memory that duplicates', { duplicate: 0.1 }));
transportContract(hubSubject('memory that drops', { drop: 0.1 }));
transportContract(hubSubject('memory with every fault', { delayMs: [0, 3], reorder: 0.1, duplicate: 0.1, drop: 0.1 }));
