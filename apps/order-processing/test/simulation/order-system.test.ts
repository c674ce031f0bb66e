import { simulate, SimulationError } from '@happen/testing';
import { describe, expect, it } from 'vitest';
import { racyInventory, twists } from './twists.js';
import { faults, shopWorld } from './world.js';

const seeds = 400;

describe('the order system on six machines and a bad network', () => {
  it('keeps its books in order, whatever happens', async () => {
    await expect(simulate({ seeds, faults }, shopWorld())).resolves.toMatchObject({ runs: seeds });
  });
});

describe('the simulation notices a shop that', () => {
  it.each(Object.keys(twists))('%s', async (name) => {
    await expect(simulate({ seeds, faults }, shopWorld(twists[name]))).rejects.toBeInstanceOf(SimulationError);
  });

  it('looks at its stock, waits, and takes', async () => {
    const failed = simulate({ seeds, faults }, shopWorld(undefined, racyInventory));
    await expect(failed).rejects.toMatchObject({ failure: { what: 'the invariant "no stock is below zero"' } });
  });
});
