// @ts-check
import { join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Logger, LogLevel, TSConfigReader } from 'typedoc';
import { load as markdown } from 'typedoc-plugin-markdown';
import { publishedPackages, root } from '../../scripts/workspace.mjs';

/** What has to say something of itself. A property may be clear by its name and by what it belongs to. */
const described = /** @type {const} */ ([
  'Class',
  'Function',
  'Interface',
  'Method',
  'Accessor',
  'TypeAlias',
  'Variable',
]);

/**
 * @typedef {object} Entry What users import, and the source behind it.
 * @property {string} name
 * @property {string} source Absolute.
 */

/**
 * The entries of every published package, by the names under which users import them.
 *
 * @returns {Entry[]}
 */
export function publicEntries() {
  return publishedPackages().flatMap(({ name, folder, manifest }) =>
    Object.entries(/** @type {Record<string, unknown>} */ (manifest.exports)).flatMap(([subpath, target]) => {
      const source = sourceOf(target);
      return source === undefined ? [] : [{ name: posix.join(name, subpath), source: join(folder, source) }];
    }),
  );
}

/**
 * Writes the reference of every public name, in Markdown: a page for each entry.
 *
 * @param {string} folder What was in it before is gone.
 * @returns {Promise<string[]>} What is wrong with it: names without a docstring, links to nothing, types that are left out.
 */
export async function writeReference(folder) {
  const entries = publicEntries();
  const complaints = new Complaints();
  const app = await Application.bootstrapWithPlugins(
    {
      plugin: [markdown],
      entryPoints: entries.map(({ source }) => source),
      tsconfig: fileURLToPath(new URL('tsconfig.json', import.meta.url)),
      basePath: root,
      readme: 'none',
      disableSources: true,
      // What comes from a runtime's own types is described there.
      excludeExternals: true,
      validation: { notExported: false, invalidLink: true, rewrittenLink: true, notDocumented: true },
      packagesRequiringDocumentation: publishedPackages().map(({ name }) => name),
      requiredToBeDocumented: [...described],
      ...layout,
      logLevel: LogLevel.Warn,
      outputs: [{ name: 'markdown', path: folder }],
    },
    [new TSConfigReader()],
  );
  app.logger = complaints;
  const project = await app.convert();
  if (project === undefined) return complaints.found;
  for (const module of project.children ?? []) {
    module.name = entries.find(({ source }) => moduleOf(source) === module.name)?.name ?? module.name;
  }
  app.validate(project);
  await app.generateOutputs(project);
  return complaints.found;
}

/** How pages look, in the words of typedoc-plugin-markdown. */
const layout = {
  outputFileStrategy: /** @type {const} */ ('modules'),
  name: 'Happen: reference',
  // Headings repeat, and readers of Markdown number them differently.
  useHTMLAnchors: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  parametersFormat: /** @type {const} */ ('table'),
  typeAliasPropertiesFormat: /** @type {const} */ ('table'),
};

/** Keeps what would otherwise be printed and forgotten. */
class Complaints extends Logger {
  /** @type {string[]} */
  found = [];

  /**
   * @override
   * @param {string} message
   * @param {LogLevel} level
   */
  log(message, level) {
    super.log(message, level);
    // What a type parameter may be is a type, which has no docstring; TypeDoc takes a function among them for a public one.
    if (level >= LogLevel.Warn && !message.includes(' (TypeParameter), ')) this.found.push(message);
  }
}

/**
 * How TypeDoc calls a module by itself.
 *
 * @param {string} source
 */
function moduleOf(source) {
  return relative(root, source)
    .split(sep)
    .join('/')
    .replace(/(\/index)?\.ts$/, '');
}

/**
 * @param {unknown} target What `exports` says of an entry.
 * @returns {string | undefined}
 */
function sourceOf(target) {
  if (typeof target === 'string') return target.endsWith('.ts') && !target.endsWith('.d.ts') ? target : undefined;
  if (typeof target !== 'object' || target === null) return undefined;
  return Object.values(target)
    .map(sourceOf)
    .find((source) => source !== undefined);
}
