import { expect, it } from 'vitest';
import { initializeHappen, memoryHub } from '../../src/index.js';

it('an event takes nothing to another space that somebody has put on all objects', async () => {
  const hub = memoryHub();
  await using here = initializeHappen({ transport: hub.transport() });
  await using there = initializeHappen({ transport: hub.transport() });
  const seen: string[] = [];
  there.createNode('greeter').on('greet', (event) => void seen.push(...Object.keys(event.context)));
  await Promise.all([here.ready(), there.ready()]);
  const asker = here.createNode('asker');
  try {
    (Object.prototype as Record<string, unknown>)['polluted'] = () => {};
    await asker.send('greeter', { type: 'greet', context: { own: 1 } });
  } finally {
    delete (Object.prototype as Record<string, unknown>)['polluted'];
  }
  expect(seen).toContain('own');
  expect(seen).not.toContain('polluted');
});
