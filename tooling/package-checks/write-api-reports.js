// @ts-check
/** Brings the API reports of the published packages up to date with what was built. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedPackages } from '../../scripts/workspace.mjs';
import { apiReport, declarationsOf } from './api-report.js';

for (const subject of publishedPackages()) {
  rmSync(join(subject.folder, 'api'), { recursive: true, force: true });
  mkdirSync(join(subject.folder, 'api'));
  for (const declarations of declarationsOf(subject)) {
    const { path, text, notExported } = apiReport(subject, declarations);
    writeFileSync(join(subject.folder, path), text);
    const remark = notExported.length === 0 ? '' : ` (mentioned, but not exported: ${notExported.join(', ')})`;
    process.stdout.write(`${subject.name}: ${path}${remark}\n`);
  }
}
