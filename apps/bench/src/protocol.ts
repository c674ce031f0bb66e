import type { Round } from './measure.js';
import { type Contender, type Row, rows } from './rows.js';

/** Told to a contender's process. */
export interface Command {
  /** How long to run. */
  readonly seconds: number;
}

/** What a contender's process tells: that it is set up, what a round came to, or why there is none. */
export type Reply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'round'; readonly round: Round }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * Finds a row and one of its contenders by name.
 *
 * @throws Error when there is none
 */
export function find(
  rowName: string | undefined,
  contenderName: string | undefined,
): { row: Row; contender: Contender } {
  const row = rows.find(({ name }) => name === rowName);
  const contender = row?.contenders.find(({ name }) => name === contenderName);
  if (row === undefined || contender === undefined) throw new Error(`no "${contenderName}" in a row "${rowName}"`);
  return { row, contender };
}
