const longest = 500;

/** What an error says, cut to 500 characters, so that it fits into an event and on a screen. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.length > longest ? `${message.slice(0, longest)}…` : message;
}
