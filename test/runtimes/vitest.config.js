import { tests } from '@happen/tooling/vitest';

export default tests({ globalSetup: 'test/servers.ts' });
