import type { Connection } from './connection.js';
import type { PartyDirectory } from './party-directory.js';
import type { NewsMessage } from './port-messages.js';

/** News of a party that is there, or comes to be. */
export type Lasting = Exclude<NewsMessage, readonly ['happen.leave', ...unknown[]]>;

/**
 * Notes what a port tells of a party behind it.
 *
 * @returns how much more there is to remember, less than 0 if it is less; `undefined` when it makes no sense, or is about a
 *   party that is not behind this port
 */
export function learn<Way>(
  directory: PartyDirectory<Way | Connection>,
  from: Connection,
  news: Lasting,
): number | undefined {
  const known = directory.parties.get(news[1]);
  if (news[0] === 'happen.join') {
    if (known !== undefined) return undefined;
    directory.join(news[1], from);
    return 1;
  }
  if (known?.way !== from) return undefined;
  switch (news[0]) {
    case 'happen.attach':
      if (known.names[news[2]].has(news[3])) return undefined;
      directory.attach(known, news[2], news[3]);
      return 1;
    case 'happen.detach':
      if (!known.names[news[2]].has(news[3])) return undefined;
      directory.detach(known, news[2], news[3]);
      return -1;
    case 'happen.listen': {
      const before = known.groups.get(news[2])?.patterns.length ?? -1;
      try {
        directory.listen(known, news[2], news[3]);
      } catch {
        return undefined;
      }
      return news[3].length - before;
    }
    case 'happen.unlisten': {
      const before = known.groups.get(news[2]);
      if (before === undefined) return undefined;
      directory.unlisten(known, news[2]);
      return -1 - before.patterns.length;
    }
  }
}
