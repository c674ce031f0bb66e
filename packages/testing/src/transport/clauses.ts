import { defaultPatienceMs } from '../contract/suite.js';
import { within } from '../contract/wait.js';
import type { TransportClauses, TransportDuties, TransportDuty } from './clause.js';
import { addressClauses } from './clauses/addresses.js';
import { broadcastClauses } from './clauses/broadcasts.js';
import { capabilityClauses } from './clauses/capabilities.js';
import { connectionClauses } from './clauses/connection.js';
import { frameClauses } from './clauses/frames.js';
import { lifecycleClauses } from './clauses/lifecycle.js';
import { undeliverableClauses } from './clauses/undeliverable.js';
import type { TransportSubject } from './subject.js';
import { TransportTrial } from './trial.js';

const duties: TransportDuties = Object.freeze({
  ...lifecycleClauses,
  ...capabilityClauses,
  ...frameClauses,
  ...addressClauses,
  ...broadcastClauses,
  ...undeliverableClauses,
  ...connectionClauses,
});

/** The duties of a transport, by name. */
export const transportClauses: TransportClauses = duties;

/**
 * Runs one clause on a fresh network of the subject, whatever its waivers. Rejects when the clause is not kept.
 *
 * @param name a key of {@link transportClauses}
 */
export async function runTransportClause(name: string, subject: TransportSubject): Promise<void> {
  const clause: TransportDuty | undefined = Object.hasOwn(duties, name) ? duties[name] : undefined;
  if (clause === undefined) throw new Error(`there is no clause "${name}" of the transport contract`);
  const trial = new TransportTrial(subject);
  const patienceMs = subject.patienceMs ?? defaultPatienceMs;
  let failure: { readonly error: unknown } | undefined;
  try {
    await within(clause(trial), 8 * patienceMs, 'the clause to end');
  } catch (error) {
    failure = { error };
  }
  try {
    await within(trial.close(), 3 * patienceMs, 'the network to close');
  } catch (error) {
    // What made the clause fail says more than what its failure left behind.
    failure ??= { error };
  }
  if (failure !== undefined) throw failure.error;
}
