import { memoryHub, memoryStore } from '@happen/core';
import { describe, expect, it } from 'vitest';
import {
  type ContractTest,
  type StoreSubject,
  storeSuite,
  type TransportSubject,
  transportSuite,
} from '../../src/index.js';

const nameless = 'says what it supports';
const sound = 'can be stopped twice, also at the same time';

/** A transport whose only fault is that it has no name. */
function namelessTransport(waivers?: Record<string, string>): TransportSubject {
  return {
    label: 'nameless',
    patienceMs: 1_000,
    ...(waivers === undefined ? {} : { waivers }),
    open() {
      const hub = memoryHub();
      return {
        join: () => Object.defineProperty(hub.transport(), 'name', { value: '' }),
        async close() {},
      };
    },
  };
}

function test(subject: TransportSubject, name: string): ContractTest {
  const found = transportSuite(subject).tests.find((one) => one.name.startsWith(name));
  if (found === undefined) throw new Error(`no test begins with ${name}`);
  return found;
}

describe('a suite', () => {
  it('has a test for each clause and one for the waivers', () => {
    const { name, tests } = transportSuite(namelessTransport());
    expect(name).toBe('transport contract: nameless');
    expect(tests[0]?.name).toBe('waives only clauses that exist, and says why');
    expect(new Set(tests.map((one) => one.name)).size).toBe(tests.length);
  });

  it('fails where the subject breaks a clause, and there only', async () => {
    await expect(test(namelessTransport(), nameless).run()).rejects.toThrow('`name` must be a non-empty string');
    await expect(test(namelessTransport(), sound).run()).resolves.toBeUndefined();
  });

  it('accepts a waived failure, and shows the reason', async () => {
    const waived = test(namelessTransport({ [nameless]: 'marketing has yet to decide' }), nameless);
    expect(waived.name).toBe(`${nameless} [waived: marketing has yet to decide]`);
    await expect(waived.run()).resolves.toBeUndefined();
  });

  it('fails where a waived clause holds', async () => {
    const waived = test(namelessTransport({ [sound]: 'it once hung' }), sound);
    await expect(waived.run()).rejects.toThrow('its waiver is no longer needed');
  });

  it('fails for waivers of clauses that do not exist, and for waivers without a reason', async () => {
    const about = 'waives only';
    await expect(test(namelessTransport({ 'says nothing': 'why not' }), about).run()).rejects.toThrow('says nothing');
    await expect(test(namelessTransport({ toString: 'why not' }), about).run()).rejects.toThrow('toString');
    await expect(test(namelessTransport({ [nameless]: ' ' }), about).run()).rejects.toThrow('without a reason');
    await expect(test(namelessTransport({ [nameless]: 'a reason' }), about).run()).resolves.toBeUndefined();
  });

  it('gives a test more time than a clause may take', () => {
    expect(transportSuite(namelessTransport()).timeoutMs).toBeGreaterThan(11 * 1_000);
  });

  it('opens fresh contents for each clause, and closes all that it opened', async () => {
    let opened = 0;
    let closed = 0;
    const subject: StoreSubject = {
      label: 'counted',
      open() {
        opened++;
        return { connect: () => memoryStore(), close: async () => void closed++ };
      },
    };
    const { tests } = storeSuite(subject);
    for (const name of ['reads its own writes', 'begins a journal empty']) {
      await tests.find((one) => one.name === name)?.run();
    }
    expect([opened, closed]).toEqual([2, 2]);
  });

  it('fails when a network can not be closed, though its clause was kept', async () => {
    const subject: TransportSubject = {
      label: 'left open',
      patienceMs: 1_000,
      open: () => ({
        join: () => memoryHub().transport(),
        close: () => Promise.reject(new Error('still in use')),
      }),
    };
    await expect(test(subject, sound).run()).rejects.toThrow('still in use');
  });

  it('ends when a driver hangs', async () => {
    const hanging: StoreSubject = {
      label: 'hanging',
      patienceMs: 20,
      open: () => ({
        connect: () =>
          Object.defineProperty(memoryStore(), 'map', { value: () => ({ get: () => new Promise(() => {}) }) }),
        async close() {},
      }),
    };
    const test = storeSuite(hanging).tests.find(({ name }) => name === 'finds nothing under a key that was not put');
    await expect(test?.run()).rejects.toThrow('waited 160 ms in vain for the clause to end');
  });
});
