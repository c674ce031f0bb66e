import { library } from '@happen/tooling/tsup';

export default library({
  index: 'src/index.ts',
  websocket: 'src/websocket.ts',
});
