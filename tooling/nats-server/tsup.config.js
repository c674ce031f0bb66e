import { library } from '@happen/tooling/tsup';

export default library({ index: 'src/index.ts', vitest: 'src/vitest.ts' }, { platform: 'node' });
