/** Prints the pnpm script that npx has put on PATH for this process; started by pnpm.mjs, never by hand. */
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
const script = (process.env[pathName] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, '../pnpm/bin/pnpm.cjs'))
  .find((candidate) => existsSync(candidate));

if (script === undefined) throw new Error('npx did not put pnpm on PATH.');
console.log(realpathSync(script));
