import { library } from '@happen/tooling/tsup';

export default library({
  index: 'src/index.ts',
  vitest: 'src/vitest.ts',
  'fast-check': 'src/fast-check.ts',
});
