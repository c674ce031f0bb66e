import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeContract } from '@happen/testing/vitest';
import { myStore } from './my-driver.js';

storeContract({
  label: 'my store',
  async open() {
    const path = await mkdtemp(join(tmpdir(), 'my-store-'));
    return {
      connect: () => myStore({ path }),
      close: () => rm(path, { recursive: true }),
    };
  },
});
