// @ts-check
/** Writes the API reference into `docs/reference`; fails when something is wrong with it. */
import { join } from 'node:path';
import { root } from '../../scripts/workspace.mjs';
import { writeReference } from './reference.js';

const folder = join(root, 'docs/reference');
const complaints = await writeReference(folder);
for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
process.stdout.write(`The reference is in ${folder}: begin with README.md.\n`);
process.exitCode = complaints.length === 0 ? 0 : 1;
