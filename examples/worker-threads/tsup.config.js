import { program } from '@happen/tooling/tsup';

// The worker is a program of its own, started by its file.
export default program({ main: 'src/main.ts', worker: 'src/worker.ts' });
