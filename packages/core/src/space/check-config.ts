import { HappenError } from '../errors/happen-error.js';
import type { ConcurrencySettings } from '../node/inbox.js';
import { idPattern } from '../node/id-pattern.js';
import { isSeed } from '../identity/identity.js';
import { joinKey } from '../link/join-key.js';
import { defaultWireLimits, type WireLimits } from '../wire/limits.js';
import { checkSecurity } from './check-security.js';
import { checkKeys, checkMethods, expectObject, integer, oneOf, text, wrong } from './check-value.js';
import type { NodeOptions, SpaceConfig } from './config.js';

const spaceKeys = [
  'transport',
  'store',
  'crypto',
  'extensions',
  'concurrency',
  'security',
  'isolation',
  'causality',
  'ids',
  'logger',
  'clock',
  'metrics',
  'system',
  'limits',
];
const nodeKeys = ['acceptFrom', 'concurrency', 'events', 'exclusive', 'identity'];
const laterNodeKeys = ['delivery', 'connectivity', 'views', 'state', 'temporal'];

const concurrencyDefaults: ConcurrencySettings = Object.freeze({
  maxConcurrent: 100,
  queueLimit: 10_000,
  queueStrategy: 'fifo',
  backpressureThreshold: 0.8,
});

/** @throws HappenError `HAPPEN_INVALID_CONFIG`, naming the path */
export function checkSpaceConfig(config: SpaceConfig): void {
  checkKeys('', config, spaceKeys);
  const { security, isolation, causality, concurrency, extensions, ids, system, limits } = config;
  checkSecurity(security, config.crypto);
  oneOf('isolation', isolation, ['freeze', 'copy', 'trust']);
  checkKeys('causality', causality, ['tracking', 'maxDepth', 'memory']);
  oneOf('causality.tracking', causality?.tracking, ['automatic', 'explicit']);
  integer('causality.maxDepth', causality?.maxDepth, 1, 100_000);
  integer('causality.memory', causality?.memory, 0, 1_000_000);
  checkKeys('concurrency', concurrency, ['default', 'patterns']);
  checkConcurrency('concurrency.default', concurrency?.default);
  if (concurrency?.patterns !== undefined) {
    expectObject('concurrency.patterns', concurrency.patterns);
    for (const [pattern, settings] of Object.entries(concurrency.patterns)) {
      checkConcurrency(`concurrency.patterns["${pattern}"]`, settings);
    }
  }
  if (ids !== undefined && typeof ids !== 'function') throw wrong('ids', 'a function that returns a string', ids);
  checkKeys('metrics', config.metrics, ['latencies']);
  oneOf('metrics.latencies', config.metrics?.latencies, [true, false]);
  checkKeys('system', system, ['environment', 'region']);
  text('system.environment', system?.environment);
  text('system.region', system?.region);
  checkKeys('limits', limits, ['maxFrameBytes', 'maxItems', 'maxDepth', 'maxPayloadBytes']);
  for (const [name, value] of Object.entries(limits ?? {})) integer(`limits.${name}`, value, 1, 2 ** 31);
  checkMethods('transport', config.transport, ['start', 'stop', 'attach', 'listen', 'publish']);
  if (config.transport !== undefined && !(joinKey in config.transport)) {
    throw wrong('transport', 'what defineTransport() of this same copy of @happen/core made', 'a bare driver');
  }
  checkMethods('store', config.store, ['map', 'journal', 'close']);
  checkMethods('crypto', config.crypto, ['randomBytes', 'sha256']);
  checkMethods('logger', config.logger, ['debug', 'info', 'warn', 'error']);
  checkMethods('clock', config.clock, ['now', 'setTimer']);
  checkExtensions(extensions);
}

/** @throws HappenError `HAPPEN_INVALID_OPTION` */
export function checkCloseOptions(options: object | undefined): void {
  const unknown = Object.keys(options ?? {}).find((key) => key !== 'timeout');
  if (unknown === undefined) return;
  throw new HappenError('HAPPEN_INVALID_OPTION', `close(): unknown option "${unknown}"; expected timeout.`, {
    details: { option: unknown },
  });
}

/** @throws HappenError `HAPPEN_INVALID_CONFIG`, naming the path */
export function checkNodeOptions(options: NodeOptions | undefined): void {
  if (options === undefined) return;
  expectObject('options', options);
  for (const key of Object.keys(options)) {
    if (laterNodeKeys.includes(key)) {
      throw new HappenError('HAPPEN_NOT_AVAILABLE', `createNode: the option "${key}" is not available yet.`, {
        details: { path: key },
      });
    }
  }
  checkKeys('', options, nodeKeys);
  checkConcurrency('concurrency', options.concurrency);
  oneOf('exclusive', options.exclusive, [true, false]);
  checkIdentity(options.identity);
}

/** @throws HappenError `HAPPEN_INVALID_CONFIG` */
export function checkReferenceOptions(options: object | undefined): void {
  if (options === undefined) return;
  expectObject('options', options);
  checkKeys('', options, ['events']);
}

/** The settings of one node: its own, else those of the longest pattern that matches its id, else the space's. */
export function concurrencyOf(
  id: string,
  config: SpaceConfig['concurrency'],
  own: NodeOptions['concurrency'],
): ConcurrencySettings {
  const matching = Object.keys(config?.patterns ?? {})
    .filter((pattern) => idPattern(pattern)(id))
    .sort((a, b) => b.length - a.length)[0];
  return {
    ...concurrencyDefaults,
    ...defined(config?.default),
    ...defined(matching === undefined ? undefined : config?.patterns?.[matching]),
    ...defined(own),
  };
}

/** The limits of a space: its own where given. */
export function limitsOf(own: SpaceConfig['limits']): WireLimits {
  return { ...defaultWireLimits, ...defined(own) };
}

function defined<T extends object>(settings: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(settings ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function checkConcurrency(path: string, settings: Partial<ConcurrencySettings> | undefined): void {
  checkKeys(path, settings, Object.keys(concurrencyDefaults));
  integer(`${path}.maxConcurrent`, settings?.maxConcurrent, 1, Number.MAX_SAFE_INTEGER);
  integer(`${path}.queueLimit`, settings?.queueLimit, 1, Number.MAX_SAFE_INTEGER);
  oneOf(`${path}.queueStrategy`, settings?.queueStrategy, ['fifo', 'priority']);
  const threshold = settings?.backpressureThreshold;
  if (threshold !== undefined && !(typeof threshold === 'number' && threshold > 0 && threshold <= 1)) {
    throw wrong(`${path}.backpressureThreshold`, 'a number above 0 and up to 1', threshold);
  }
}

/** What was given is shown by its kind alone: it may be a secret in the wrong form. */
function checkIdentity(identity: NodeOptions['identity']): void {
  if (identity === undefined || isSeed(identity)) return;
  if (typeof identity !== 'object' || identity === null || identity instanceof Uint8Array)
    throw wrong('identity', 'a seed of 32 bytes, or an object with publicKey, sign', typeof identity);
  checkMethods('identity', identity, ['publicKey', 'sign']);
}

function checkExtensions(extensions: SpaceConfig['extensions']): void {
  if (extensions === undefined) return;
  if (!Array.isArray(extensions)) throw wrong('extensions', 'a list', extensions);
  const names = new Set<string>();
  for (const [index, extension] of extensions.entries()) {
    expectObject(`extensions[${index}]`, extension);
    checkMethods(`extensions[${index}]`, extension, ['install']);
    if (typeof extension.name !== 'string' || extension.name === '' || names.has(extension.name)) {
      throw wrong(`extensions[${index}].name`, 'a name that no other extension has', extension.name);
    }
    names.add(extension.name);
  }
}
