import { HappenError } from '@happen/core';
import { describe, expect, it } from 'vitest';
import { checkNats } from '../src/check-nats.js';

function refusal(config: unknown): string {
  try {
    checkNats(config);
  } catch (error) {
    const { code, message, details } = error as HappenError;
    expect(error).toBeInstanceOf(HappenError);
    expect(message.startsWith(`${String(details?.['path'])}: `)).toBe(true);
    return `${code} ${message}`;
  }
  return 'taken';
}

const invalid = (text: string): string => `HAPPEN_INVALID_CONFIG ${text}`;

describe('the tree of settings about NATS', () => {
  it.each([
    {},
    { space: 'shop' },
    { connection: {} },
    { connection: { servers: ['nats://localhost:4222'], jetstream: true } },
    { connection: { servers: 'nats://localhost:4222' } },
    {
      connection: {
        server: { servers: ['nats://localhost:4222'], jetstream: true },
        browser: { servers: ['wss://localhost:8443'], jetstream: true },
      },
    },
    { connection: { reconnect: true, reconnectTimeWait: 2000, maxReconnectAttempts: -1 } },
    { connection: { reconnectTimeWait: '2s' } },
    { capabilities: {} },
    { capabilities: { delivery: { mode: 'at-most-once', exactlyOnce: false, deduplication: false } } },
    { capabilities: { persistence: { enabled: false, keyValue: { enabled: true } }, flowControl: { enabled: false } } },
  ])('may be %j', (config) => {
    expect(refusal(config)).toBe('taken');
  });

  it.each<[unknown, string]>([
    [7, 'nats: expected an object; found 7.'],
    [{ servers: [] }, 'nats.servers: unknown key; expected one of space, connection, capabilities, regions.'],
    [{ space: '' }, 'nats.space: expected a name of at least one character; found "".'],
    [{ connection: null }, 'nats.connection: expected an object; found null.'],
    [
      { connection: { servers: [] } },
      'nats.connection.servers: expected the URL of a server, or a list of at least one; found an empty list.',
    ],
    [
      { connection: { server: { servers: [7] } } },
      'nats.connection.server.servers: expected the URL of a server, or a list of at least one; found a list.',
    ],
    [
      { connection: { browser: { server: 'x' } } },
      'nats.connection.browser.server: unknown key; expected one of servers, jetstream.',
    ],
    [{ connection: { jetstream: 'yes' } }, 'nats.connection.jetstream: expected true or false; found "yes".'],
    [
      { connection: { reconnectTimeWait: '2 weeks' } },
      'nats.connection.reconnectTimeWait: expected milliseconds (0 or more) or a string such as "500ms", "2s", "5m"; found "2 weeks".',
    ],
    [
      { connection: { servers: 'nats://a', server: { servers: 'nats://b' } } },
      'nats.connection.servers: expected either this or nats.connection.server, not both; found both.',
    ],
    [
      { connection: { jetstream: true, browser: { servers: 'ws://b' } } },
      'nats.connection.jetstream: expected either this or nats.connection.browser, not both; found both.',
    ],
    [
      { capabilities: { delivery: { mode: 'twice' } } },
      'nats.capabilities.delivery.mode: expected "at-most-once" or "at-least-once" or "exactly-once"; found "twice".',
    ],
    [
      { capabilities: { delivery: { mode: 'at-most-once', exactlyOnce: true } } },
      'nats.capabilities.delivery.exactlyOnce: expected what nats.capabilities.delivery.mode says ("at-most-once"); found true.',
    ],
    [
      { connection: { jetstream: false }, capabilities: { delivery: { exactlyOnce: true } } },
      'nats.connection.jetstream: expected true, which durable delivery needs; found false.',
    ],
    [
      { connection: { server: { jetstream: false } }, capabilities: { delivery: { mode: 'at-least-once' } } },
      'nats.connection.server.jetstream: expected true, which durable delivery needs; found false.',
    ],
    [
      { capabilities: { persistence: { temporal: { history: 0 } } } },
      'nats.capabilities.persistence.temporal.history: expected a whole number of 1 or more; found 0.',
    ],
    [
      { capabilities: { persistence: { temporal: { events: [] } } } },
      'nats.capabilities.persistence.temporal.events: expected a pattern of types, or a function of the type; found an empty list.',
    ],
    [
      { capabilities: { flowControl: { maxPending: '1MB' } } },
      'nats.capabilities.flowControl.maxPending: expected a whole number of 1 or more; found "1MB".',
    ],
    [{ regions: { replicas: 'eu' } }, 'nats.regions.replicas: expected a list of names; found "eu".'],
    [
      { regions: { coordination: { strategy: 'chaos' } } },
      'nats.regions.coordination.strategy: expected "primary-replica"; found "chaos".',
    ],
  ])('may not be %j', (config, message) => {
    expect(refusal(config)).toBe(invalid(message));
  });

  it.each<[object, string]>([
    [{ capabilities: { persistence: { enabled: true } } }, 'nats.capabilities.persistence.enabled'],
    [{ capabilities: { persistence: { keyValue: {} } } }, 'nats.capabilities.persistence.keyValue'],
    [{ capabilities: { persistence: { temporal: { history: 100 } } } }, 'nats.capabilities.persistence.temporal'],
    [{ capabilities: { delivery: { mode: 'exactly-once' } } }, 'nats.capabilities.delivery.mode'],
    [{ capabilities: { delivery: { exactlyOnce: true } } }, 'nats.capabilities.delivery.exactlyOnce'],
    [{ capabilities: { delivery: { deduplication: true } } }, 'nats.capabilities.delivery.deduplication'],
    [{ capabilities: { delivery: { deduplicationWindow: '5m' } } }, 'nats.capabilities.delivery.deduplicationWindow'],
    [{ capabilities: { flowControl: { enabled: true, maxPending: 262_144 } } }, 'nats.capabilities.flowControl'],
    [{ regions: { primary: 'us-west', replicas: ['us-east'] } }, 'nats.regions'],
  ])('asks for what is not available yet by %j', (config, path) => {
    expect(refusal(config)).toMatch(
      new RegExp(`^HAPPEN_NOT_AVAILABLE ${path.replaceAll('.', '\\.')}: not available yet\\. `),
    );
  });

  it('never passes over a key, wherever it stands', () => {
    for (const path of [
      'capabilities',
      'capabilities.persistence',
      'capabilities.persistence.keyValue',
      'capabilities.persistence.keyValue.buckets',
      'capabilities.persistence.temporal',
      'capabilities.delivery',
      'capabilities.flowControl',
      'regions',
      'regions.coordination',
      'connection.server',
    ]) {
      const config = path.split('.').reduceRight<object>((inner, key) => ({ [key]: inner }), { surprise: 1 });
      expect(refusal(config)).toContain(`HAPPEN_INVALID_CONFIG nats.${path}.surprise: unknown key; expected one of `);
    }
  });
});
