/** A nats-server's version, such as 2.10.27. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** As the server writes it, without the leading `v`. */
  readonly text: string;
}

/** The oldest version that Happen supports, which everything is tested on. */
export const floorVersion = '2.10.27';

/** What a version is asked for by: the oldest that is supported, or the newest that can be had. */
export type WantedVersion = 'floor' | 'newest';

/** @returns `undefined` if the text holds no version of the form `1.2.3`, `v1.2.3` or `v1.2.3-preview.1` */
export function parseVersion(text: string): Version | undefined {
  const found = /(?:^|[\s v])(\d{1,6})\.(\d{1,6})\.(\d{1,6})((?:-[0-9A-Za-z.-]{1,64})?)(?:$|\s)/.exec(text.trim());
  if (found === null) return undefined;
  const [major, minor, patch] = [Number(found[1]), Number(found[2]), Number(found[3])];
  return { major, minor, patch, text: `${major}.${minor}.${patch}${found[4]}` };
}

/** @returns Why this version can't be used, or `undefined` if it can. */
export function unsuitable(version: Version, wanted: WantedVersion): string | undefined {
  const { major, minor, text } = version;
  if (major < 2 || (major === 2 && minor < 10)) return `is ${text}, and 2.10 is the oldest that will do`;
  if (wanted === 'floor' && (major !== 2 || minor !== 10)) return `is ${text}, and the floor is ${floorVersion}`;
  return undefined;
}
