import { library } from '@happen/tooling/tsup';

export default library(
  { index: 'src/index.ts', vitest: 'src/vitest.ts', command: 'src/command.ts' },
  { platform: 'node' },
);
