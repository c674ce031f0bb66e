import { tests } from '@happen/tooling/vitest';

export default tests({ include: ['*.test.ts'], globalSetup: 'servers.ts' });
