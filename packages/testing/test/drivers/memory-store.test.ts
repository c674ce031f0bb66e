import { memoryStore } from '@happen/core';
import { storeContract } from '../../src/vitest.js';

storeContract({
  label: 'memory',
  open() {
    const first = memoryStore();
    return { connect: () => memoryStore({ sharing: first }), close: () => first.close() };
  },
});
