/** @typedef {{ passed: number, failed: number, skipped: number }} Tally */

/**
 * Adds up what the steps and the packages reported.
 *
 * @param {ReadonlyArray<Tally>} tallies
 * @returns {Tally}
 */
export function total(tallies) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of tallies) {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
  }
  return sum;
}

/**
 * Reads one package's result. A package that left none, or something else, has failed.
 *
 * @param {string | undefined} text
 * @returns {Tally}
 */
export function parseTally(text) {
  const failure = { passed: 0, failed: 1, skipped: 0 };
  if (text === undefined) return failure;
  try {
    const { passed, failed, skipped } = JSON.parse(text);
    return [passed, failed, skipped].every(isCount) && passed + failed > 0 ? { passed, failed, skipped } : failure;
  } catch {
    return failure;
  }
}

/** @param {unknown} value */
function isCount(value) {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/**
 * The line a run ends with.
 *
 * @param {Tally} tally
 */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * A run succeeds only if something passed and nothing failed.
 *
 * @param {Tally} tally
 */
export function exitCode({ passed, failed }) {
  return passed > 0 && failed === 0 ? 0 : 1;
}
