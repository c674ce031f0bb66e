import { describe, expect, it } from 'vitest';
import { initializeHappen, memoryHub } from '../../src/index.js';
import { codeOf, unhandledRejections } from '../talking/observing.js';
import { type TestSpace, turn } from '../talking/worlds.js';

type Events = unknown[] & readonly { type: string }[];

describe.each(['freeze', 'copy', 'trust'] as const)(
  'with isolation "%s", a handler that empties its batch',
  (isolation) => {
    async function world() {
      const hub = memoryHub();
      const [here, there] = [0, 1].map(() => initializeHappen({ isolation, transport: hub.transport() })) as [
        TestSpace,
        TestSpace,
      ];
      await Promise.all([here.ready(), there.ready()]);
      const [client, near, far] = [here.createNode('client'), here.createNode('near'), there.createNode('far')];
      const seen: number[] = [];
      for (const node of [near, far]) {
        node.on('take', async (events: unknown) => {
          while ((events as Events).length > 0) (events as Events).shift();
          await turn();
        });
        node.on('take', (events: unknown) => {
          seen.push((events as Events).length);
        });
        node.on('sink', (events: unknown) => {
          (events as Events).length = 0;
        });
      }
      return { here, there, client, near, far, seen };
    }

    it.each(['near', 'far'] as const)('takes nothing from the others, %s', async (id) => {
      using rejections = unhandledRejections();
      const { here, there, client, seen } = await world();
      for (const type of ['take', 'sink']) {
        const answer = client.send(id, [{ type }, { type }], { timeout: '5s' });
        expect(await codeOf(answer)).toBe('HAPPEN_HANDLER_FAILED');
      }
      await turn();
      expect(seen).toEqual([2]);
      const queue = (id === 'near' ? here : there).metrics().queues[id];
      expect(queue).toEqual({ running: 0, waiting: 0 });
      expect(rejections.reasons).toEqual([]);
    });

    it('takes nothing from the others, processed in place', async () => {
      using rejections = unhandledRejections();
      const { here, near, seen } = await world();
      for (const type of ['take', 'sink']) {
        expect(await codeOf(near.process([{ type }, { type }]))).toBe('HAPPEN_HANDLER_FAILED');
      }
      await turn();
      expect(seen).toEqual([2]);
      expect(here.metrics().queues['near']).toEqual({ running: 0, waiting: 0 });
      expect(rejections.reasons).toEqual([]);
    });
  },
);
