/**
 * Tells the bench how a program went, as its only line.
 *
 * @param {{ sound: boolean, bytes?: number }} outcome whether all came out as it had to, and what was measured within
 */
export function report(outcome) {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${JSON.stringify({ ...outcome, cpuMilliseconds: (user + system) / 1000 })}\n`);
}
