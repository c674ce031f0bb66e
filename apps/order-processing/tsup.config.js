import { program } from '@happen/tooling/tsup';

export default program({ main: 'src/main.ts', 'part-process': 'src/processes/part-process.ts' });
