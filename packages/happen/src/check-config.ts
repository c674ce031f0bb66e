import { HappenError, type SpaceConfig } from '@happen/core';
import { checkNats, later } from './check-nats.js';
import type { HappenConfig, HappenNodeOptions } from './config.js';

/** The parts that core takes, each once: the compiler misses none. */
const parts: { readonly [K in keyof Required<SpaceConfig>]: true } = {
  transport: true,
  store: true,
  crypto: true,
  extensions: true,
  concurrency: true,
  security: true,
  isolation: true,
  causality: true,
  ids: true,
  logger: true,
  clock: true,
  metrics: true,
  system: true,
  limits: true,
};

/** @throws HappenError `HAPPEN_INVALID_CONFIG`, `HAPPEN_NOT_AVAILABLE`, naming the path. What core takes it checks itself. */
export function checkConfig(config: HappenConfig): void {
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw invalid('config', 'expected an object');
  for (const key of Object.keys(config)) {
    if (key !== 'nats' && !Object.hasOwn(parts, key))
      throw invalid(key, `unknown key; expected one of nats, ${Object.keys(parts).join(', ')}`);
  }
  const { nats, transport } = config;
  if (nats === undefined || nats === false) return;
  if (transport !== undefined) throw invalid('nats', 'expected either this or transport, not both; found both');
  checkNats(nats);
}

/**
 * Gives back what core takes.
 *
 * @throws HappenError `HAPPEN_INVALID_CONFIG`, `HAPPEN_NOT_AVAILABLE`. What core takes it checks itself.
 */
export function checkNodeOptions(options: HappenNodeOptions | undefined): object | undefined {
  if (typeof options !== 'object' || options === null || !('delivery' in options)) return options;
  const { delivery, ...rest } = options;
  if (delivery === undefined) return rest;
  const inner = typeof delivery === 'object' && delivery !== null;
  const mode: unknown = inner ? delivery.mode : delivery;
  const path = inner ? 'delivery.mode' : 'delivery';
  if (mode === 'at-least-once' || mode === 'exactly-once') throw later(path, 'Durable delivery');
  if (mode !== 'at-most-once') throw invalid(path, 'expected "at-most-once" or "at-least-once" or "exactly-once"');
  const other = inner ? Object.keys(delivery).find((key) => key !== 'mode') : undefined;
  if (other !== undefined) throw later(`delivery.${other}`, 'Durable delivery');
  return rest;
}

function invalid(path: string, what: string): HappenError {
  return new HappenError('HAPPEN_INVALID_CONFIG', `${path}: ${what}.`, { details: { path } });
}
