/** Clause name → why the subject can't keep it yet. */
export type Waivers = Readonly<Record<string, string>>;

/** A subject as far as every suite needs it. */
export interface ContractSubject {
  /** What is tested, as it shall stand in the report: the driver, and how it is set up. */
  readonly label: string;
  /**
   * The clauses that the subject does not keep yet, each with the reason, which is shown in the report. A waiver expires: a
   * waived clause that holds fails the suite, and so does a waiver of a clause that does not exist.
   */
  readonly waivers?: Waivers;
  /** How long to wait for something that must happen, in milliseconds, before it counts as failed. @default 5_000 */
  readonly patienceMs?: number;
}

/** One test of a suite, to be registered with a test runner. */
export interface ContractTest {
  readonly name: string;
  /** Rejects when the test fails. */
  run(): Promise<void>;
}

/** A suite as data: what `transportContract` and `storeContract` register with vitest, for any other runner to take. */
export interface ContractSuite {
  readonly name: string;
  readonly tests: readonly ContractTest[];
  /** More than any test takes that is not stuck, in milliseconds. */
  readonly timeoutMs: number;
}

export const defaultPatienceMs = 5_000;

/** Makes the tests of a suite: one for each clause, and one for the waivers. */
export function contractSuite<Subject extends ContractSubject>(
  kind: string,
  subject: Subject,
  clauseNames: readonly string[],
  runClause: (name: string, subject: Subject) => Promise<void>,
): ContractSuite {
  const waivers = new Map(Object.entries(subject.waivers ?? {}));
  const checkWaivers: ContractTest = {
    name: 'waives only clauses that exist, and says why',
    async run() {
      const unknown = [...waivers.keys()].filter((name) => !clauseNames.includes(name));
      if (unknown.length > 0) throw new Error(`waivers of clauses that do not exist: ${unknown.join('; ')}`);
      const silent = [...waivers].filter(([, reason]) => reason.trim() === '').map(([name]) => name);
      if (silent.length > 0) throw new Error(`waivers without a reason: ${silent.join('; ')}`);
    },
  };
  const tests = clauseNames.map((name): ContractTest => {
    const reason = waivers.get(name);
    if (reason === undefined) return { name, run: () => runClause(name, subject) };
    return { name: `${name} [waived: ${reason}]`, run: () => checkStillFails(name, () => runClause(name, subject)) };
  });
  return {
    name: `${kind} contract: ${subject.label}`,
    tests: [checkWaivers, ...tests],
    timeoutMs: 12 * (subject.patienceMs ?? defaultPatienceMs),
  };
}

async function checkStillFails(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch {
    return;
  }
  throw new Error(`the clause "${name}" holds: its waiver is no longer needed`);
}
