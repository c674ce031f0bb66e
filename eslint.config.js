import { rules } from '@happen/tooling/eslint';

export default rules(import.meta.dirname);
