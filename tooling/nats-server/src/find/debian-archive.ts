import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A Debian mirror, and the key it is trusted by. */
export interface Archive {
  readonly uri: string;
  /** As in `Signed-By`: a path, or the key itself with its lines indented. `undefined`: what apt trusts anyway. */
  readonly key: string | undefined;
}

/**
 * The mirror that the machine takes its own packages from.
 *
 * @param etc where apt's settings are, `/etc`
 * @throws Error if there is none
 */
export function archiveOf(etc: string): Archive {
  const folder = join(etc, 'apt/sources.list.d');
  const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const found = [
    ...files.filter((name) => name.endsWith('.sources')).flatMap((name) => stanzas(readFileSync(name, 'utf8'))),
    ...[join(etc, 'apt/sources.list'), ...files.filter((name) => name.endsWith('.list'))]
      .filter((name) => existsSync(name))
      .flatMap((name) => lines(readFileSync(name, 'utf8'))),
  ].find(({ uri, suites }) => isDebianArchive(uri) && suites.some((suite) => !/[-/]/.test(suite)));
  if (found === undefined) throw new Error("apt's settings name no mirror of Debian");
  return { uri: found.uri, key: found.key };
}

type Source = Archive & { readonly suites: readonly string[] };

/** Mirrors of other distributions and of vendors stand beside Debian's, and Debian's end this way everywhere. */
function isDebianArchive(uri: string): boolean {
  return /^(https?|mirror\+https?|mirror\+file|file|ftp):.*\/debian\/?$/.test(uri);
}

/** The form with a field per line. */
function stanzas(text: string): Source[] {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .split(/\n\s*\n/)
    .flatMap((stanza) => {
      const field = (name: string) =>
        new RegExp(`^${name}:[ \\t]*(.*(?:\\n[ \\t]+.*)*)`, 'im').exec(stanza)?.[1]?.trimEnd();
      const types = field('Types')?.split(/\s+/) ?? [];
      if (!types.includes('deb') || /^no$/i.test(field('Enabled') ?? '')) return [];
      const suites = field('Suites')?.split(/\s+/) ?? [];
      return (field('URIs')?.split(/\s+/) ?? []).map((uri) => ({ uri, suites, key: field('Signed-By') }));
    });
}

/** The form with a line per source: `deb [signed-by=…] uri suite component …` */
function lines(text: string): Source[] {
  return text.split('\n').flatMap((line) => {
    const found = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/.exec(line);
    if (found?.[2] === undefined || found[3] === undefined) return [];
    const key = /(?:^|\s)signed-by=(\S+)/i.exec(found[1] ?? '')?.[1];
    return [{ uri: found[2], suites: [found[3]], key }];
  });
}
