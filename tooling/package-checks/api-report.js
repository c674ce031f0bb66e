// @ts-check
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const typeRoots = [fileURLToPath(new URL('../node_modules/@types', import.meta.url))];

/** @typedef {import('../../scripts/workspace.mjs').WorkspacePackage} WorkspacePackage */

/**
 * @typedef {object} ApiReport What users of an entry can rely on.
 * @property {string} path Where it is kept, relative to the package.
 * @property {string} text
 * @property {string[]} notExported Types that the API mentions and nobody can import, from this entry or from the package's
 *   own; but for those that a public type is worked out with, which say so: generic aliases that are marked `@internal`.
 * @property {string[]} undocumented Exported names without a docstring.
 */

/**
 * The built declarations behind each entry of a package.
 *
 * @param {Pick<WorkspacePackage, 'manifest'>} subject
 * @returns {string[]} Paths relative to the package.
 */
export function declarationsOf({ manifest }) {
  /** @type {Set<string>} */
  const found = new Set();
  /** @param {unknown} value */
  const collect = (value) => {
    if (typeof value === 'string' && value.endsWith('.d.ts')) found.add(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  collect(manifest.exports);
  return [...found].sort();
}

/**
 * Describes the public names behind an entry, with API Extractor.
 *
 * @param {Pick<WorkspacePackage, 'folder'>} subject A package that has been built.
 * @param {string} declarations One of {@link declarationsOf}.
 * @returns {ApiReport}
 */
export function apiReport({ folder }, declarations) {
  const name = declarations.replace(/^\.\/dist\/|\.d\.ts$/g, '').replaceAll('/', '-');
  const workplace = mkdtempSync(join(tmpdir(), 'happen-api-'));
  /** @type {string[]} */
  const notExported = [];
  /** @type {string[]} */
  const failures = [];
  try {
    // API Extractor asks for both.
    for (const part of ['kept', 'made']) mkdirSync(join(workplace, part));
    const config = ExtractorConfig.prepare({
      configObject: configuration(folder, join(folder, declarations), workplace),
      configObjectFullPath: undefined,
      packageJsonFullPath: join(folder, 'package.json'),
    });
    Extractor.invoke(config, {
      localBuild: true,
      messageCallback(message) {
        message.handled = true;
        const [, symbol = ''] = /"(.*?)"/.exec(message.text) ?? [];
        if (message.messageId === 'ae-forgotten-export') notExported.push(symbol);
        else if (message.logLevel === 'error') failures.push(message.text);
      },
    });
    if (failures.length > 0) throw new Error(`${declarations} can't be read:\n${failures.join('\n')}`);
    const text = readFileSync(join(workplace, 'made/report.api.md'), 'utf8');
    const working = workingTypes(folder);
    const main = declarations === mainDeclarations ? new Set() : exportedNames(folder);
    return {
      path: join('api', `${name}.api.md`),
      text,
      notExported: notExported.filter((symbol) => !working.has(symbol) && !main.has(symbol)),
      undocumented: [...text.matchAll(undocumentedExport)].map(([, symbol]) => /** @type {string} */ (symbol)),
    };
  } finally {
    rmSync(workplace, { recursive: true, force: true });
  }
}

/**
 * The reports that a package keeps.
 *
 * @param {Pick<WorkspacePackage, 'folder'>} subject
 * @returns {string[]} Paths relative to the package.
 */
export function keptReports({ folder }) {
  try {
    return readdirSync(join(folder, 'api')).map((name) => join('api', name));
  } catch {
    return [];
  }
}

/**
 * @param {string} folder
 * @param {string} declarations
 * @param {string} workplace
 * @returns {import('@microsoft/api-extractor').IConfigFile}
 */
function configuration(folder, declarations, workplace) {
  return {
    projectFolder: folder,
    mainEntryPointFilePath: declarations,
    newlineKind: 'lf',
    compiler: {
      overrideTsconfig: {
        compilerOptions: {
          target: 'es2022',
          module: 'nodenext',
          lib: ['es2023', 'esnext.disposable'],
          types: ['node'],
          typeRoots,
          strict: true,
          skipLibCheck: true,
        },
        files: [declarations],
      },
    },
    apiReport: {
      enabled: true,
      reportFolder: join(workplace, 'kept'),
      reportTempFolder: join(workplace, 'made'),
      reportFileName: 'report.api.md',
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: {
      extractorMessageReporting: {
        default: { logLevel: ExtractorLogLevel.Warning },
        // All that is exported is public here, whether it says so or not.
        'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
      },
    },
  };
}

/**
 * The types of a package's declarations that public ones are worked out with, and that nobody has a use for by name.
 *
 * @param {string} folder
 * @returns {Set<string>}
 */
function workingTypes(folder) {
  const files = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' });
  return new Set(
    files
      .filter((file) => file.endsWith('.d.ts'))
      .flatMap((file) => [...readFileSync(join(folder, 'dist', file), 'utf8').matchAll(internalAlias)])
      .map(([, name]) => /** @type {string} */ (name)),
  );
}

/**
 * What can be imported from the package by its name alone.
 *
 * @param {string} folder
 * @returns {Set<string>}
 */
function exportedNames(folder) {
  const text = readFileSync(join(folder, mainDeclarations), 'utf8');
  const lists = [...text.matchAll(/^export \{([^}]*)\}/gm)].map(([, list]) => /** @type {string} */ (list));
  return new Set(lists.flatMap((list) => list.split(',')).map((item) => item.trim().replace(/^(?:.* as |type )/, '')));
}

const mainDeclarations = './dist/index.d.ts';

/** How a report marks an export that says nothing of itself. */
const undocumentedExport = /^\/\/ @\w+ \(undocumented\)\nexport (?:abstract )?\w+ (\w+)/gm;

/** A docstring with `@internal`, and the generic alias it stands at. */
const internalAlias = /\/\*\*(?:(?!\*\/)[\s\S])*?@internal(?:(?!\*\/)[\s\S])*?\*\/\s*(?:declare )?type (\w+)</g;
