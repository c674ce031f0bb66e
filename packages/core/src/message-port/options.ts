import { HappenError } from '../errors/happen-error.js';
import type { PortStatus } from './exchange.js';
import type { MessagePortLike } from './message-port.js';

/** How ports are used. */
export interface MessagePortOptions {
  /**
   * Whether an open port keeps a Node.js process, or a worker thread, running. Where it is `false`, a worker that does nothing
   * else ends by itself, and so does a main thread that has called `unref` on its workers.
   *
   * @default true
   */
  readonly keepAlive?: boolean;
}

interface Settings {
  readonly keepAlive: boolean;
  readonly changed: (port: MessagePortLike, status: PortStatus, reason?: string) => void;
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws HappenError `HAPPEN_INVALID_OPTION` with `details.path`
 */
export function portSettings(
  factory: 'messagePortTransport' | 'messagePortHub',
  options: MessagePortOptions & { readonly changed?: Settings['changed'] },
): Settings {
  const known = factory === 'messagePortHub' ? ['keepAlive', 'changed'] : ['keepAlive'];
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw invalid(factory, key, `one of ${known.join(', ')}`, 'an unknown option');
  }
  const { keepAlive = true, changed = () => {} } = options;
  if (typeof keepAlive !== 'boolean') throw invalid(factory, 'keepAlive', 'true or false', typeof keepAlive);
  if (typeof changed !== 'function') throw invalid(factory, 'changed', 'a function', typeof changed);
  return { keepAlive, changed };
}

function invalid(factory: string, path: string, expected: string, found: string): HappenError {
  return new HappenError('HAPPEN_INVALID_OPTION', `${factory}: \`${path}\` must be ${expected}, but is ${found}.`, {
    details: { path, expected },
  });
}
