import { invalid } from '../check-options.js';

/** What the URLs of servers say. */
export interface ServerUrls {
  /** Without names and passwords, so that they can be told. */
  readonly servers: string[];
  /** Who signs in, where the URLs say so. */
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** Whether one of them asks for TLS. It holds for all then, so that nothing leaves unencrypted. */
  readonly encrypted: boolean;
}

/** How URLs begin where one means the default, and where one means TLS. */
export interface Schemes {
  readonly plain: string;
  readonly encrypted: string;
}

/**
 * Reads what the client would take as it comes: it leaves out names and passwords, and goes on without TLS where a URL asks for it.
 *
 * @throws HappenError `HAPPEN_INVALID_CONFIG`; what it says holds no password
 */
export function readServerUrls(given: readonly string[], schemes: Schemes): ServerUrls {
  const read = given.map((text, at) => readUrl(text.trim(), given.length === 1 ? 'servers' : `servers.${at}`, schemes));
  const first = read[0] as ReadUrl;
  if (read.some((one) => one.user !== first.user || one.password !== first.password || one.token !== first.token))
    throw invalid('servers', 'expected the same name and password in all URLs; found different ones');
  const { user, password, token } = first;
  return {
    servers: read.map(({ url }) => url),
    encrypted: read.some(({ encrypted }) => encrypted),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(token === undefined ? {} : { token }),
  };
}

interface ReadUrl {
  readonly url: string;
  readonly encrypted: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly token: string | undefined;
}

function readUrl(text: string, path: string, { plain, encrypted }: Schemes): ReadUrl {
  const wrong = (found: string): Error =>
    invalid(path, `expected a URL such as ${plain}://localhost:4222, or with ${encrypted}://; found ${found}`);
  const parts = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(text) as RegExpExecArray;
  const scheme = (parts[1] ?? plain).toLowerCase();
  if (scheme !== plain && scheme !== encrypted) throw wrong(`the scheme "${scheme}"`);
  let url: URL;
  try {
    // As one of a scheme that is known everywhere, since runtimes differ on others.
    url = new URL(`${scheme === 'ws' || scheme === 'wss' ? scheme : 'http'}://${parts[2] as string}`);
  } catch {
    throw wrong(parts[2]?.includes('@') === true ? 'one that is none' : JSON.stringify(text));
  }
  const isWeb = plain === 'ws';
  if (!isWeb && (url.pathname !== '/' || url.search !== '' || url.hash !== ''))
    throw wrong('one with a path, a query or a fragment');
  // What has a scheme of its own, and no port said, keeps the client's default.
  const port = /:\d+(?:[/?#]|$)/.test((parts[2] as string).replace(/^.*@/s, ''))
    ? `:${url.port === '' ? (scheme === 'wss' ? '443' : '80') : url.port}`
    : '';
  const rest = isWeb && url.pathname !== '/' ? `${url.pathname}${url.search}` : '';
  const [user, password] = [decoded(url.username, path), decoded(url.password, path)];
  return {
    url: `${isWeb ? scheme : plain}://${url.hostname}${port}${rest}`,
    encrypted: scheme === encrypted,
    user: password === undefined ? undefined : (user ?? ''),
    password,
    // As the maintainers' own clients have it.
    token: password === undefined ? user : undefined,
  };
}

function decoded(text: string, path: string): string | undefined {
  if (text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(path, 'expected percent-encoding in the name and the password; found something else');
  }
}
