import { program } from '@happen/tooling/tsup';

export default program({
  main: 'src/main.ts',
  'contestant-process': 'src/contestant-process.ts',
  'nats-responder-process': 'src/nats-responder-process.ts',
});
