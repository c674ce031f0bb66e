import type { Causality } from './answers.js';
import type { CausalMemory } from './causal-memory.js';

/** The questions of a space, each of which may be taken out and called alone. */
export function causalityOf(memory: CausalMemory): Causality {
  return Object.freeze({
    trace: (id: string) => memory.trace(id),
    tree: (correlationId: string) => memory.tree(correlationId),
    pathToRoot: (id: string) => memory.pathToRoot(id),
    events: (correlationId?: string) => memory.events(correlationId),
  });
}
