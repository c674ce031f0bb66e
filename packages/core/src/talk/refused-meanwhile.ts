import type { TalkHost } from './host.js';

/**
 * What an asker should know who waited in vain, if his own space has refused what came in the name of whom he asked: words for
 * the error's message, and for its details.
 */
export function refusedMeanwhile(
  { remote }: TalkHost,
  nodeId: string,
  since: number,
): { readonly text: string; readonly details: { readonly refused?: string } } {
  const reason = remote?.refusedAnswer(nodeId, since);
  if (reason === undefined) return { text: '', details: {} };
  return {
    text: ` Meanwhile this space refused what came in that node's name, for the reason "${reason}": see system.frame-refused, and security.keys.`,
    details: { refused: reason },
  };
}
