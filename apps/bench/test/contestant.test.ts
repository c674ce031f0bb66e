import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Contestant } from '../src/contestant.js';
import { type Contender, type Row, rows } from '../src/rows.js';

const row = rows[0] as Row;
const contender = row.contenders[0] as Contender;

async function startOf(name: string): Promise<Contestant> {
  return Contestant.start(row, contender, fileURLToPath(new URL(`processes/${name}.mjs`, import.meta.url)));
}

describe('a contender that cannot finish its round', () => {
  it('is named, with what it says itself', async () => {
    const contestant = await startOf('fails');
    await expect(contestant.round(0.01)).rejects.toThrow(`${contender.name} failed: 3 of 256 did not arrive`);
    await contestant.stop();
  });

  it('is named when its process ends', async () => {
    const contestant = await startOf('ends');
    await expect(contestant.round(0.01)).rejects.toThrow(`${contender.name} ended early (7)`);
    await contestant.stop();
  });

  it('is given up when it does not come back', async () => {
    const contestant = await startOf('never-answers');
    await expect(contestant.round(0.01, 50)).rejects.toThrow(`${contender.name} did not come back within`);
    await contestant.stop();
  });

  it('is named when it cannot even be set up', async () => {
    await expect(startOf('cannot-start')).rejects.toThrow(`${contender.name} ended early (3)`);
  });
});
