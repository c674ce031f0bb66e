import { type Authenticator, type ConnectionOptions, credsAuthenticator, nkeyAuthenticator } from '@nats-io/nats-core';
import { invalid } from '../check-options.js';
import type { NatsTransportOptions, Settings } from '../options.js';
import { readServerUrls, type Schemes, type ServerUrls } from './server-urls.js';

/**
 * What the client is given. Some of its defaults would not do: it waits two minutes to find out that a connection leads nowhere,
 * and gives up after ten attempts.
 *
 * @param fallback where servers are if nobody says so
 * @throws HappenError `HAPPEN_INVALID_CONFIG` for a URL or a key that is none, and for what contradicts the URLs
 */
export function dialOptions(
  options: NatsTransportOptions,
  settings: Settings,
  fallback: string,
  schemes: Schemes,
): ConnectionOptions {
  const { servers = fallback, name } = options;
  const urls = readServerUrls(typeof servers === 'string' ? [servers] : servers, schemes);
  const { user, password, token } = signingIn(options, urls);
  const tls = options.tls ?? (urls.encrypted && schemes.plain !== 'ws');
  if (urls.encrypted && tls === false && schemes.plain !== 'ws')
    throw invalid('tls', `expected nothing, or what ${schemes.encrypted}:// takes; found false`);
  const authenticator = authenticatorOf(options);
  return {
    servers: urls.servers,
    noEcho: true,
    noAsyncTraces: true,
    ignoreAuthErrorAbort: false,
    pingInterval: settings.pingIntervalMs,
    maxPingOut: 2,
    reconnect: settings.reconnect,
    reconnectTimeWait: settings.reconnectTimeWaitMs,
    maxReconnectAttempts: settings.maxReconnectAttempts,
    timeout: 5_000,
    ...(name === undefined ? {} : { name }),
    ...(user === undefined ? {} : { user, pass: password ?? '' }),
    ...(token === undefined ? {} : { token }),
    ...(tls === false ? {} : { tls: tls === true ? {} : { ...tls } }),
    ...(authenticator === undefined ? {} : { authenticator }),
  };
}

/** Who signs in stands in one place. */
function signingIn(
  options: NatsTransportOptions,
  urls: ServerUrls,
): Pick<NatsTransportOptions, 'user' | 'password' | 'token'> {
  if (urls.user === undefined && urls.token === undefined) return options;
  const way = (['user', 'token', 'nkey', 'credentials'] as const).find((one) => options[one] !== undefined);
  if (way !== undefined)
    throw invalid(way, 'expected one way to sign in; found another one in the URLs of the servers');
  return urls;
}

function authenticatorOf({ nkey, credentials }: NatsTransportOptions): Authenticator | undefined {
  const bytes = new TextEncoder();
  if (nkey !== undefined)
    return checked('nkey', 'a seed, which begins with SU', () => nkeyAuthenticator(bytes.encode(nkey)));
  if (credentials !== undefined) {
    return checked('credentials', 'the content of a credentials file', () =>
      credsAuthenticator(bytes.encode(credentials)),
    );
  }
  return undefined;
}

/** The client finds out only when a server asks; a trial says it at once. */
function checked(option: string, expected: string, make: () => Authenticator): Authenticator {
  try {
    const authenticator = make();
    authenticator('trial');
    return authenticator;
  } catch {
    throw invalid(option, `expected ${expected}; found something else`);
  }
}
