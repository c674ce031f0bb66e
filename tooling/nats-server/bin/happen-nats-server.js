#!/usr/bin/env node
// Standing here rather than in dist/, it can be linked before anything is built.
import { existsSync } from 'node:fs';

const command = new URL('../dist/command.js', import.meta.url);
if (existsSync(command)) await import(command.href);
else {
  process.stderr.write(
    'happen-nats-server is not built yet. `npm run build` in the root of the repository does that.\n',
  );
  process.exitCode = 1;
}
