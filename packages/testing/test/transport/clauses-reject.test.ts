import { memoryHub } from '@happen/core';
import { describe, expect, it } from 'vitest';
import { runTransportClause, type TransportSubject, transportClauses } from '../../src/index.js';
import { faults } from './faults.js';
import { twistedSubject } from './twisted.js';

/** All networks on one hub. */
function oneHub(): TransportSubject {
  const hub = memoryHub();
  return {
    label: 'one hub',
    patienceMs: 250,
    open: () => ({ join: () => hub.transport(), async close() {} }),
  };
}

const sharesNetworks = 'keeps two networks apart';

/** With all the patience a busy machine may need. */
const soundSubject = { ...twistedSubject('sound', () => ({})), patienceMs: 5_000 };

describe('the transport contract', () => {
  for (const [what, { clauses, twist, options }] of Object.entries(faults)) {
    for (const clause of clauses) {
      it(`rejects a transport that ${what}, by "${clause}"`, async () => {
        const run = runTransportClause(clause, twistedSubject(what, twist, options));
        const error = await run.then(
          () => undefined,
          (cause: unknown) => cause as Error,
        );
        expect(error, 'the clause was kept').toBeInstanceOf(Error);
        // A fault that keeps every clause from beginning would show nothing about this one.
        expect(error?.message).not.toMatch(/two ends to hear of each other|a frame to an instance to arrive/);
      });
    }
  }

  it(`rejects networks that hear each other, by "${sharesNetworks}"`, async () => {
    await expect(runTransportClause(sharesNetworks, oneHub())).rejects.toThrow('arrived in another');
  });

  it('has no clause that nothing was seen to break', () => {
    const broken = new Set([...Object.values(faults).flatMap(({ clauses }) => clauses), sharesNetworks]);
    expect([...broken].sort()).toEqual(Object.keys(transportClauses).sort());
  });

  for (const clause of Object.keys(transportClauses)) {
    it(`accepts a sound transport in the place of a faulty one, by "${clause}"`, async () => {
      await expect(runTransportClause(clause, soundSubject)).resolves.toBeUndefined();
    });
  }

  it('knows its clauses', async () => {
    await expect(runTransportClause('toString', soundSubject)).rejects.toThrow('no clause');
  });
});
