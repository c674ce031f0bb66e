import { tests } from '@happen/tooling/vitest';

export default tests({ globalSetup: 'src/vitest.ts' });
