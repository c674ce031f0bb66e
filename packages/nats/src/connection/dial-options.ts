import { type Authenticator, type ConnectionOptions, credsAuthenticator, nkeyAuthenticator } from '@nats-io/nats-core';
import { invalid } from '../check-options.js';
import type { NatsTransportOptions, Settings } from '../options.js';

/**
 * What the client is given. Some of its defaults would not do: it waits two minutes to find out that a connection leads nowhere,
 * and gives up after ten attempts.
 *
 * @throws HappenError `HAPPEN_INVALID_CONFIG` for a key that is none
 */
export function dialOptions(options: NatsTransportOptions, settings: Settings, fallback: string): ConnectionOptions {
  const { servers, name, user, password, token, tls } = options;
  const authenticator = authenticatorOf(options);
  return {
    servers: typeof servers === 'string' ? [servers] : [...(servers ?? [fallback])],
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
    ...(tls === undefined || tls === false ? {} : { tls: tls === true ? {} : { ...tls } }),
    ...(authenticator === undefined ? {} : { authenticator }),
  };
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
