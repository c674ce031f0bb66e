import type { OpenWorld } from './worlds.js';

/** What a requirement asks for, in one sentence: tested in a world of its own. */
export type Clause = (open: OpenWorld) => Promise<void>;

/** Clauses by requirement and sentence. */
export type Clauses = Readonly<Record<string, Readonly<Record<string, Clause>>>>;
