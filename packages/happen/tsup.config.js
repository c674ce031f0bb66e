import { library } from '@happen/tooling/tsup';

export default library({
  index: 'src/index.ts',
  'nats/server': 'src/nats/server.ts',
  'nats/browser': 'src/nats/browser.ts',
});
