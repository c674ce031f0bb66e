import { defaultPatienceMs } from '../contract/suite.js';
import { within } from '../contract/wait.js';
import type { StoreClauses, StoreDuties, StoreDuty } from './clause.js';
import { closingClauses } from './clauses/closing.js';
import { followClauses, journalClauses } from './clauses/journal.js';
import { mapClauses } from './clauses/map.js';
import { watchClauses } from './clauses/watch.js';
import type { StoreSubject } from './subject.js';
import { StoreTrial } from './trial.js';

const duties: StoreDuties = Object.freeze({
  ...mapClauses,
  ...watchClauses,
  ...journalClauses,
  ...followClauses,
  ...closingClauses,
});

/** The duties of a store, by name. */
export const storeClauses: StoreClauses = duties;

/**
 * Runs one clause on fresh contents of the subject, whatever its waivers. Rejects when the clause is not kept.
 *
 * @param name a key of {@link storeClauses}
 */
export async function runStoreClause(name: string, subject: StoreSubject): Promise<void> {
  const clause: StoreDuty | undefined = Object.hasOwn(duties, name) ? duties[name] : undefined;
  if (clause === undefined) throw new Error(`there is no clause "${name}" of the store contract`);
  const trial = new StoreTrial(subject);
  const patienceMs = subject.patienceMs ?? defaultPatienceMs;
  let failure: { readonly error: unknown } | undefined;
  try {
    // A promise of the store that never settles must fail the clause, not hang it.
    await within(clause(trial), 8 * patienceMs, 'the clause to end');
  } catch (error) {
    failure = { error };
  }
  try {
    await within(trial.close(), 2 * patienceMs, 'the database to close');
  } catch (error) {
    // What made the clause fail says more than what its failure left behind.
    failure ??= { error };
  }
  if (failure !== undefined) throw failure.error;
}
