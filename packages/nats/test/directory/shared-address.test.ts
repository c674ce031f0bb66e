import { beforeEach, expect, it } from 'vitest';
import { Presence } from '../../src/directory/presence.js';
import { silentHost } from './silent-host.js';

let asked: string[];
let presence: Presence;
beforeEach(() => {
  asked = [];
  presence = new Presence(silentHost({ prove: (nodeId, instance) => void asked.push(`${nodeId} at ${instance}`) }));
  presence.connected();
});

const says = (instance: string, ...ids: readonly string[]): void =>
  presence.take(instance, {
    kind: 'all',
    revision: 1,
    part: 0,
    parts: 1,
    nodes: ids.map((id) => ({ id, patterns: [], exclusive: false })),
  });
const shared = (id: string, instance: string): object => ({ kind: 'node', id, instance, shared: true });
const addressOf = (id: string): unknown => presence.addressFor(id, undefined);

it('asks a process with several nodes for a proof of each that something is sent to, once, and of one with one for none', () => {
  says('alone', 'single');
  expect(addressOf('single')).toBeUndefined();
  says('shop', 'till', 'safe', 'door');
  for (let round = 0; round < 3; round++) {
    expect(addressOf('till')).toBeUndefined();
    expect(addressOf('safe')).toBeUndefined();
  }
  expect(asked).toEqual(['till at shop', 'safe at shop']);
  says('alone', 'single', 'double');
  addressOf('single');
  expect(asked.slice(2)).toEqual(['single at alone']);
});

it('gives those that are proven one address, which stays the same', () => {
  says('shop', 'till', 'safe', 'door');
  presence.proven('safe', 'shop');
  presence.proven('till', 'shop');
  expect(addressOf('till')).toEqual(shared('safe', 'shop'));
  expect(addressOf('safe')).toBe(addressOf('till'));
  expect(addressOf('door')).toBeUndefined();
});

it('goes by another one when the node that gave it has gone, and believes no proof of what has come anew', () => {
  says('shop', 'till', 'safe', 'door');
  for (const id of ['safe', 'till']) presence.proven(id, 'shop');
  says('shop', 'till', 'door');
  expect(addressOf('till')).toEqual(shared('till', 'shop'));
  says('shop', 'till', 'safe', 'door');
  expect(addressOf('safe')).toBeUndefined();
  says('shop', 'door', 'safe');
  expect(addressOf('door')).toBeUndefined();
});

it('believes proofs of nobody who is not known to have the node', () => {
  says('shop', 'till', 'safe');
  presence.proven('door', 'shop');
  presence.proven('till', 'stranger');
  expect(['till', 'safe', 'door'].map(addressOf)).toEqual([undefined, undefined, undefined]);
});

it('chooses in turn while a node lives in several processes, and shares again when one of them is left', () => {
  says('shop', 'till', 'safe');
  for (const id of ['safe', 'till']) presence.proven(id, 'shop');
  says('stall', 'till', 'cart');
  const chosen = new Set([addressOf('till'), addressOf('till')]);
  expect(chosen).toEqual(
    new Set([
      { kind: 'node', id: 'till', instance: 'shop' },
      { kind: 'node', id: 'till', instance: 'stall' },
    ]),
  );
  presence.take('stall', { kind: 'bye' });
  expect(addressOf('till')).toEqual(shared('safe', 'shop'));
});

it('asks again after a reconnect for what it has no proof of, and not while there is no connection', () => {
  says('shop', 'till', 'safe');
  presence.disconnected();
  addressOf('till');
  expect(asked).toEqual([]);
  presence.connected();
  addressOf('till');
  presence.proven('till', 'shop');
  addressOf('safe');
  presence.disconnected();
  presence.connected();
  for (const id of ['till', 'safe']) addressOf(id);
  expect(asked).toEqual(['till at shop', 'safe at shop', 'safe at shop']);
});

it('asks again a process that says all of itself anew, which may have missed that it was asked', () => {
  says('shop', 'till', 'safe');
  addressOf('till');
  says('shop', 'till', 'safe');
  addressOf('till');
  expect(asked).toEqual(['till at shop', 'till at shop']);
});

it('leaves broadcasts only to a process that listens to all of them', () => {
  const listens = (instance: string, patterns: readonly string[]): void =>
    presence.take(instance, {
      kind: 'all',
      revision: 1,
      part: 0,
      parts: 1,
      nodes: [{ id: 'worker', patterns, exclusive: false }],
    });
  listens('stock', ['stock']);
  expect(presence.listenerIn('worker', ['news'])).toBeUndefined();
  listens('news', ['news', 'weather']);
  expect(presence.listenerIn('worker', ['news'])).toBe('news');
  expect(presence.listenerIn('worker', ['news', 'stock'])).toBeUndefined();
  listens('all', ['**']);
  expect(presence.listenerIn('worker', ['news', 'stock'])).toBe('all');
});
