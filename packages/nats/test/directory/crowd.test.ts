import { expect, it } from 'vitest';
import { Presence } from '../../src/directory/presence.js';
import { silentHost } from './silent-host.js';

function presenceOf(gone: string[]): Presence {
  const presence = new Presence(silentHost({ gone: (instance) => void gone.push(instance) }));
  presence.connected();
  return presence;
}

it('knows newcomers with nodes, and goes on knowing them, however many names without nodes a stranger makes up', () => {
  const gone: string[] = [];
  const presence = presenceOf(gone);
  const comes = (instance: string, id: string): void =>
    presence.take(instance, {
      kind: 'all',
      revision: 1,
      part: 0,
      parts: 1,
      nodes: [{ id, patterns: [], exclusive: false }],
    });
  const crowd = (name: string): void => {
    for (let at = 0; at < 6_000; at++) presence.take(`${name}-${at}`, { kind: 'beat', revision: 1 });
  };
  comes('early', 'first');
  crowd('before');
  comes('late', 'second');
  crowd('after');
  expect(presence.nodes().map(({ id, instance }) => `${id} at ${instance}`)).toEqual([
    'first at early',
    'second at late',
  ]);
  expect(gone).toEqual([]);
});
