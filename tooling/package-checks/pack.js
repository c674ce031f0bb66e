// @ts-check
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publishedPackages } from '../../scripts/workspace.mjs';
import { runNode } from './command.js';

const pnpm = fileURLToPath(new URL('../../scripts/pnpm.mjs', import.meta.url));

/** @typedef {import('../../scripts/workspace.mjs').WorkspacePackage} WorkspacePackage */

/**
 * Packs a package exactly as it would be published.
 *
 * @param {WorkspacePackage} subject
 * @param {string} into A folder of its own for the tarball; made if it is not there.
 * @returns {Promise<string>} Path of the tarball.
 */
export async function pack({ name, folder }, into) {
  mkdirSync(into, { recursive: true });
  const { exitCode, output } = await runNode(pnpm, ['pack', '--pack-destination', into], folder);
  const tarball = readdirSync(into).find((file) => file.endsWith('.tgz'));
  if (exitCode !== 0 || tarball === undefined) throw new Error(`${name} could not be packed:\n${output}`);
  return join(into, tarball);
}

/**
 * The package with the packages of this workspace that it needs at run time, directly or not.
 *
 * @param {WorkspacePackage} subject
 * @returns {WorkspacePackage[]}
 */
export function withSiblings(subject) {
  const published = new Map(publishedPackages().map((each) => [each.name, each]));
  const found = new Set([subject]);
  for (const each of found) {
    for (const name of Object.keys({ ...each.manifest.dependencies, ...each.manifest.peerDependencies })) {
      const sibling = published.get(name);
      if (sibling !== undefined && ![...found].some((known) => known.name === name)) found.add(sibling);
    }
  }
  return [...found];
}
