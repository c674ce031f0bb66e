const longestShown = 60;

/**
 * Makes text from a file fit for a terminal: control, formatting and bidirectional characters become escapes, and what is
 * longer than 60 characters is cut, so that a hostile file can neither steer the terminal nor flood it.
 */
export function visible(text: string): string {
  const short = text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
  return short.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

/** The same, in quotes, for cells that are named in a message. */
export function quoted(text: string): string {
  return `"${visible(text)}"`;
}
