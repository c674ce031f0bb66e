// A thread that runs a TypeScript file of the sources: `--import tsx` reaches the main thread alone.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.module);
