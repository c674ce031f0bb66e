import { describe, it } from 'vitest';
import { concurrencyClauses } from './clauses/concurrency.js';
import { causalQuestionClauses } from './clauses/causal-questions.js';
import { detachedClauses } from './clauses/detached.js';
import { errorClauses } from './clauses/errors.js';
import { eventClauses } from './clauses/events.js';
import { flowClauses } from './clauses/flows.js';
import { isolationClauses } from './clauses/isolation.js';
import { broadcastStreamClauses } from './clauses/broadcast-streams.js';
import { broadcastClauses } from './clauses/broadcasts.js';
import { confluenceClauses } from './clauses/confluence.js';
import { failureClauses } from './clauses/failures.js';
import { interceptionClauses } from './clauses/interception.js';
import { oneByOneClauses } from './clauses/one-by-one.js';
import { optionClauses } from './clauses/options.js';
import { payloadClauses } from './clauses/payloads.js';
import { schemaClauses } from './clauses/schemas.js';
import { sendingClauses } from './clauses/sending.js';
import { spaceClauses } from './clauses/spaces.js';
import { streamClauses } from './clauses/streams.js';
import { timeClauses } from './clauses/time.js';
import type { Clauses } from './clause.js';
import type { OpenWorld } from './worlds.js';

/** Every clause of talking, by requirement. */
const talkingClauses: Clauses = {
  ...eventClauses,
  ...detachedClauses,
  ...causalQuestionClauses,
  ...isolationClauses,
  ...flowClauses,
  ...broadcastClauses,
  ...sendingClauses,
  ...optionClauses,
  ...timeClauses,
  ...failureClauses,
  ...payloadClauses,
  ...confluenceClauses,
  ...oneByOneClauses,
  ...schemaClauses,
  ...concurrencyClauses,
  ...errorClauses,
  ...spaceClauses,
  ...streamClauses,
  ...broadcastStreamClauses,
  ...interceptionClauses,
};

/** Runs every clause in one kind of world. */
export function talkingSuite(label: string, openWorld: OpenWorld): void {
  describe(`talking ${label}`, () => {
    for (const [requirement, clauses] of Object.entries(talkingClauses)) {
      describe(requirement, () => {
        for (const [name, clause] of Object.entries(clauses)) it(name, () => clause(openWorld));
      });
    }
  });
}
