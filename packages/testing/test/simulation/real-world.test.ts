import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as realTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Scenario, simulate } from '../../src/index.js';
import { failureOf } from './warehouse.js';

/** A service that needs something, and a client that asks it. */
function asking(need: () => unknown): Scenario {
  return async ({ space }) => {
    space('service', ({ open }) =>
      open()
        .createNode('service')
        .on('work', async () => String(await need())),
    );
    const { current: client } = space('client', ({ open }) => open().createNode('client'));
    await client
      .send('service', { type: 'work', payload: {} })
      .return()
      .catch(() => 'no answer');
  };
}

const calm = { seeds: 3, faults: { drop: false, cuts: false, disconnects: false } } as const;

describe('what does not follow from the seed', () => {
  it.each([
    ['Math.random', () => Math.random()],
    ['crypto.randomUUID', () => crypto.randomUUID()],
  ])('%s is found by two runs that differ, and named', async (name, need) => {
    const error = await failureOf(simulate(calm, asking(need)));
    expect(error.failure).toMatchObject({ kind: 'real', what: 'the run' });
    expect(error.message).toContain('Two runs of seed 1 differ');
    expect(error.failure.real).toEqual([
      expect.stringMatching(`^${name.replace('.', '\\.')} .*real-world\\.test\\.ts`),
    ]);
    expect(error.message).toContain('inject it');
  });

  it('is found where nothing can name it', async () => {
    const { failure } = await failureOf(
      simulate(
        calm,
        asking(() => randomBytes(4).toString('hex')),
      ),
    );
    expect(failure.kind).toBe('real');
  });

  it.each([
    ['a timer of the runtime', () => realTimeout(1)],
    ['a timer set by a global', () => new Promise((resolve) => setTimeout(resolve, 1))],
    ['work of another thread', () => crypto.subtle.digest('SHA-256', new Uint8Array(8))],
  ])('%s is found although the run comes to an end without it', async (_, need) => {
    const error = await failureOf(simulate({ ...calm, seeds: 1 }, asking(need)));
    expect(error.failure.kind).toBe('real');
    expect(error.failure.real.join()).toMatch(/(a timer|HASHREQUEST) .*real-world\.test\.ts/);
  });

  it('a file that is read is found, and told from a hang where nothing else is left to do', async () => {
    const scenario: Scenario = async () => void (await readFile(import.meta.filename));
    const { failure } = await failureOf(simulate({ seeds: 1 }, scenario));
    expect(failure.kind).toBe('real');
    expect(failure.real.join()).toMatch(/^FSREQ/);
    const idle = await failureOf(simulate({ seeds: 1, faults: false, chaosMs: 0 }, scenario));
    expect(idle.failure.kind).toBe('real');
    expect(idle.message).toContain('went on by itself');
  });

  it('does not trouble who takes time and chance from the simulation', async () => {
    const scenario: Scenario = async ({ space }) => {
      space('service', ({ open, sleep, random }) =>
        open()
          .createNode('service')
          .on('work', async () => {
            await sleep(random.integer(1, 20));
            return createHash('sha256').update(String(random.next())).digest('hex');
          }),
      );
      const { current: client } = space('client', ({ open }) => open().createNode('client'));
      await client
        .send('service', { type: 'work', payload: {} })
        .return()
        .catch(() => 'no answer');
    };
    const globals = [Math.random, Date.now, performance.now, fetch];
    await expect(simulate({ seeds: 50, repeat: 'every' }, scenario)).resolves.toMatchObject({ runs: 50 });
    expect([Math.random, Date.now, performance.now, fetch]).toEqual(globals);
  });
});
