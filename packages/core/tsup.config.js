import { library } from '@happen/tooling/tsup';

export default library({
  index: 'src/index.ts',
  array: 'src/array.ts',
  'message-port': 'src/message-port.ts',
  otel: 'src/otel.ts',
  'host/node': 'src/host/node.ts',
  'host/browser': 'src/host/browser.ts',
});
