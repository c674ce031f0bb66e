// Arbitraries for fast-check, which is a peer of this entry alone.
export { eventType, nodeId, pattern } from './arbitraries/names.js';
export { payload } from './arbitraries/payload.js';
export { faults, script, type ScriptedStep, type ScriptParts, seed } from './arbitraries/worlds.js';
export type { Faults, FaultSettings, Spells } from './simulation/faults.js';
