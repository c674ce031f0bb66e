import { tests } from './vitest/preset.js';

export default tests({ testTimeout: 60_000 });
