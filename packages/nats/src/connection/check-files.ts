import { accessSync, constants } from 'node:fs';
import { invalid } from '../check-options.js';
import type { TlsOptions } from '../options.js';

/**
 * Says at once what would otherwise look like a server that is not there.
 *
 * @throws HappenError `HAPPEN_INVALID_CONFIG` for a file that can't be read
 */
export function checkFiles(tls: TlsOptions | boolean | undefined): void {
  if (typeof tls !== 'object') return;
  for (const name of ['caFile', 'certFile', 'keyFile'] as const) {
    const file = tls[name];
    if (file === undefined) continue;
    try {
      accessSync(file, constants.R_OK);
    } catch {
      throw invalid(`tls.${name}`, `expected a file that can be read; found none at ${JSON.stringify(file)}`);
    }
  }
}
