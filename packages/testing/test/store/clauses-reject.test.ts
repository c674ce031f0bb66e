import { describe, expect, it } from 'vitest';
import { runStoreClause, storeClauses } from '../../src/index.js';
import { faults } from './faults.js';
import { twistedSubject } from './twisted.js';

/** With all the patience a busy machine may need. */
const soundSubject = { ...twistedSubject('sound', () => ({})), patienceMs: 5_000 };

describe('the store contract', () => {
  for (const [what, { clauses, twist }] of Object.entries(faults)) {
    for (const clause of clauses) {
      it(`rejects a store that ${what}, by "${clause}"`, async () => {
        await expect(runStoreClause(clause, twistedSubject(what, twist))).rejects.toThrow();
      });
    }
  }

  it('has no clause that nothing was seen to break', () => {
    const broken = new Set(Object.values(faults).flatMap(({ clauses }) => clauses));
    expect([...broken].sort()).toEqual(Object.keys(storeClauses).sort());
  });

  for (const clause of Object.keys(storeClauses)) {
    it(`accepts a sound store in the place of a faulty one, by "${clause}"`, async () => {
      await expect(runStoreClause(clause, soundSubject)).resolves.toBeUndefined();
    });
  }

  it('knows its clauses', async () => {
    await expect(runStoreClause('toString', soundSubject)).rejects.toThrow('no clause');
  });
});
