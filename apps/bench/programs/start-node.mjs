import { report } from './report.mjs';

report({ sound: true });
