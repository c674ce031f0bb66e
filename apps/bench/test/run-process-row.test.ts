import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ProcessRow } from '../src/process-rows.js';
import { runProcessRow } from '../src/run-process-row.js';

const folder = fileURLToPath(new URL('processes/', import.meta.url));

function rowOf(...files: string[]): ProcessRow {
  const programs = files.map((file) => ({ name: file, file }));
  return { name: 'start-up', title: '', figure: 'milliseconds', programs, reference: files[0] as string, absent: [] };
}

describe('a row on processes', () => {
  it('starts each program once before the rounds, and then in turns', async () => {
    const rounds: number[] = [];
    const row = rowOf('tells.mjs', 'tells-later.mjs');
    const { standings } = await runProcessRow(row, {
      rounds: 3,
      folder,
      progress: (_row, round) => rounds.push(round),
    });
    expect(rounds).toEqual([0, 1, 2, 3]);
    for (const { figures, sound } of standings) {
      expect(figures).toHaveLength(3);
      expect(sound).toBe(true);
    }
    // The second stays for a tenth of a second on purpose.
    expect(standings[1]?.figure.median).toBeGreaterThanOrEqual(100);
  });

  it('fails when a program fails, and says which', async () => {
    await expect(runProcessRow(rowOf('tells.mjs', 'cannot-start.mjs'), { rounds: 1, folder })).rejects.toThrow(
      'cannot-start.mjs ended with 3',
    );
  });

  it('fails when a program tells nothing', async () => {
    await expect(runProcessRow(rowOf('tells-nothing.mjs'), { rounds: 1, folder })).rejects.toThrow(
      'tells-nothing.mjs told nothing',
    );
  });
});
