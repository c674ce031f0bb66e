import type { RowName, Setting } from '../rows.js';
import type { Work } from '../work.js';
import { natsWorks } from './nats/nats-works.js';

/** The rows on NATS, whoever speaks over it. */
export const works: Readonly<Partial<Record<RowName, (setting: Setting) => Promise<Work>>>> = Object.fromEntries(
  Object.entries(natsWorks).map(([row, make]) => [
    row,
    async ({ party }: Setting) => {
      if (party === undefined) throw new Error(`${row} takes those who speak over NATS`);
      return make(party);
    },
  ]),
);
