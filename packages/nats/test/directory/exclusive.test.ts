import { beforeEach, expect, it } from 'vitest';
import { Presence } from '../../src/directory/presence.js';
import { silentHost } from './silent-host.js';

let asked: (string | undefined)[];
let conflicts: string[];
let presence: Presence;
beforeEach(() => {
  asked = [];
  conflicts = [];
  presence = new Presence(
    silentHost({
      ask: (instance) => void asked.push(instance),
      conflict: (nodeId, instance) => void conflicts.push(`${nodeId} at ${instance}`),
    }),
  );
  presence.connected();
});

const nodes = [{ id: 'leader', patterns: [], exclusive: true }];
const saysAll = (instance: string): void =>
  presence.take(instance, { kind: 'all', revision: 1, part: 0, parts: 1, nodes });

it('takes over from a process that died without an alarm, although that is not known to be gone yet', () => {
  saysAll('dead');
  asked = [];
  presence.add('leader', { exclusive: true });
  expect(conflicts).toEqual([]);
  expect(asked).toEqual(['dead']);
});

it('raises the alarm when the one that has the node says so, once', () => {
  saysAll('alive');
  presence.add('leader', { exclusive: true });
  saysAll('alive');
  saysAll('alive');
  expect(conflicts).toEqual(['leader at alive']);
});

it('raises it at once where somebody else comes with the node', () => {
  presence.add('leader', { exclusive: true });
  saysAll('second');
  expect(conflicts).toEqual(['leader at second']);
});
