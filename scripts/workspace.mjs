import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The workspace's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * @typedef {object} WorkspacePackage
 * @property {string} name
 * @property {string} folder Absolute.
 * @property {any} manifest Its package.json.
 */

/**
 * Every package of the workspace, as the globs in pnpm-workspace.yaml list them, in the order of their names.
 *
 * @returns {WorkspacePackage[]}
 */
export function workspacePackages() {
  return globs()
    .flatMap((glob) => (glob.endsWith('/*') ? subfolders(glob.slice(0, -2)) : [glob]))
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      return { name: manifest.name, folder, manifest };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The packages that are published. */
export function publishedPackages() {
  return workspacePackages().filter(({ manifest }) => manifest.private !== true);
}

/** @returns {string[]} */
function globs() {
  const lines = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8').split(/\r?\n/);
  const from = lines.indexOf('packages:') + 1;
  const found = [];
  for (const line of lines.slice(from)) {
    const entry = /^\s+-\s+["']?([^"'\s]+)["']?\s*$/.exec(line);
    if (entry?.[1] === undefined) break;
    found.push(entry[1]);
  }
  return found;
}

/**
 * @param {string} parent
 * @returns {string[]}
 */
function subfolders(parent) {
  if (!existsSync(join(root, parent))) return [];
  return readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(parent, entry.name));
}
