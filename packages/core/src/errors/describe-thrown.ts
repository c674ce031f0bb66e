/**
 * The name and the message of whatever was thrown. Never throws: what user code throws may have no text, or getters of its
 * own.
 */
export function describeThrown(thrown: unknown): { readonly name: string; readonly message: string } {
  try {
    if (thrown instanceof Error) return { name: String(thrown.name), message: String(thrown.message) };
  } catch {
    return { name: 'unknown', message: 'what was thrown could not be read' };
  }
  const kind = thrown === null ? 'null' : typeof thrown;
  return { name: kind, message: typeof thrown === 'string' ? thrown : `a value of type ${kind} was thrown` };
}
