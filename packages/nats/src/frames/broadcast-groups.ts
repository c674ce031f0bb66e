/**
 * The groups that a broadcast in parts is for, as addresses of transfers: JSON, in as many pieces as leave room for the frame
 * beside them.
 */

/** Groups as the addresses of as few transfers as messages of this length allow. */
export function addressesOf(groups: readonly string[], maxPayload: number): readonly string[] {
  const most = Math.min(maxPayload / 4, 32_768);
  const addresses: string[] = [];
  let together: string[] = [];
  let bytes = 2;
  for (const group of groups) {
    // A character is six bytes at most, as JSON in UTF-8.
    const own = group.length * 6 + 3;
    if (together.length > 0 && bytes + own > most) {
      addresses.push(JSON.stringify(together));
      together = [];
      bytes = 2;
    }
    together.push(group);
    bytes += own;
  }
  return [...addresses, JSON.stringify(together)];
}

/** The groups that an address names; none if it is not for us to read. */
export function groupsOf(address: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(address);
    return Array.isArray(value) ? value.filter((group) => typeof group === 'string') : [];
  } catch {
    return [];
  }
}
