/** What is known of one code block of the guide's documents: a row of `manifest.json`. */
export interface ManifestEntry {
  /** The document's number. */
  readonly seed: string;
  /** Position of the block in its document, from 1. */
  readonly block: number;
  /** First and last line of its code in the document. */
  readonly lines: string;
  /** The first 12 hexadecimal digits of the SHA-256 of its text: a changed document shows. */
  readonly digest: string;
  /** The heading it stands under. */
  readonly heading: string;
  /** What the code is, in our words. */
  readonly shape: string;
  /** The requirements that the shape rests on, or parts of them, as `NATS-5/regions`; absent where `notCode` is given. */
  readonly requirement?: readonly string[];
  /** The tests that run the shape: `path from the root of the repository#title of the test`. */
  readonly tests?: readonly string[];
  /** What of the block can't run yet, naming the requirements of {@link laterRequirements} that bring it. */
  readonly pending?: string;
  /** Why there is nothing to run: an outline, a sample, code without Happen. */
  readonly notCode?: string;
}

/** The requirements that work now, and parts of others that do: a block that rests on one of them has a test. */
const dueRequirements: ReadonlySet<string> = new Set([
  ...['SPACE-1', 'SPACE-3', 'SPACE-4', 'SPACE-5', 'SPACE-6', 'SPACE-7', 'SPACE-9', 'SPACE-10'],
  ...['EVENT-1', 'EVENT-2', 'EVENT-3', 'EVENT-4', 'EVENT-5', 'EVENT-6', 'EVENT-7'],
  ...['FLOW-1', 'FLOW-2', 'FLOW-3', 'FLOW-4', 'FLOW-5', 'FLOW-6'],
  ...['TALK-1', 'TALK-2', 'TALK-3', 'TALK-4', 'TALK-5', 'TALK-6', 'TALK-7'],
  ...['CONC-1', 'CONC-2', 'ERR-1', 'ERR-2', 'ID-1', 'ID-2', 'ID-3', 'SEAM-1'],
  // Of the tree of settings; the config of core is covered by SPACE-1.
  'SPACE-2/connection',
  ...['FB-1', 'NATS-1', 'NATS-3/at-most-once', 'NATS-5/reconnecting', 'NATS-6', 'NATS-7'],
]);

/**
 * The requirements that later work brings, or their parts. One that is built moves to {@link dueRequirements}, and its rows get
 * tests. A requirement that stands here in parts can't be named as a whole: a row says which part it rests on.
 */
const laterRequirements: ReadonlySet<string> = new Set([
  ...['SPACE-2/capabilities', 'SPACE-2/regions'],
  ...['STATE-1', 'STATE-2', 'STATE-3', 'STATE-4', 'STATE-5', 'STATE-6'],
  ...['TEMP-1', 'TEMP-2', 'TEMP-3', 'TEMP-4'],
  ...['NATS-2', 'NATS-3/durable', 'NATS-4'],
  ...['NATS-5/resuming', 'NATS-5/flow-control', 'NATS-5/regions', 'NATS-5/connectivity'],
  ...['ZERO-1', 'ZERO-2', 'ZERO-3'],
  ...['MESH-1', 'MESH-2', 'MESH-3', 'MESH-4', 'MESH-5', 'MESH-6', 'MESH-7', 'MESH-8', 'MESH-9'],
  ...['WEB-1', 'WEB-2'],
]);

/** What is wrong with a row, taken by itself; nothing when it is sound. */
export function faultsOf(entry: ManifestEntry): string[] {
  const { requirement = [], tests = [], pending, notCode } = entry;
  const faults: string[] = [];
  const fault = (text: string): void => void faults.push(`${entry.seed}#${entry.block}: ${text}`);
  if (entry.shape.trim() === '') fault('says nothing of the shape');
  if (notCode !== undefined) {
    if (notCode.trim() === '') fault('says nothing of why it is not code');
    if (requirement.length + tests.length > 0 || pending !== undefined) fault('is not code, and yet has more to say');
    return faults;
  }
  for (const name of requirement) {
    if (!dueRequirements.has(name) && !laterRequirements.has(name)) fault(`names the unknown requirement ${name}`);
  }
  if (requirement.length === 0) fault('names no requirement');
  if (tests.length === 0 && requirement.some((name) => dueRequirements.has(name))) {
    fault(`has no test, though it rests on ${requirement.filter((name) => dueRequirements.has(name)).join(', ')}`);
  }
  if (tests.length === 0 && pending === undefined) fault('has neither a test nor a reason');
  if (pending !== undefined) {
    const named = pending.match(/\b[A-Z]+-\d+(?:\/[a-z-]+)?/g) ?? [];
    if (named.length === 0) fault('is pending without naming a requirement');
    for (const name of named) {
      if (!laterRequirements.has(name)) fault(`waits for ${name}, which is not among the later requirements`);
      else if (!requirement.includes(name)) fault(`waits for ${name}, which is not among its own requirements`);
    }
  }
  return faults;
}
