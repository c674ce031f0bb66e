export { type PendingTimer, type VirtualClock, virtualClock } from './clock/virtual-clock.js';
export { type SeededRandom, seededRandom } from './random/seeded-random.js';
export { type ContractSubject, type ContractSuite, type ContractTest, type Waivers } from './contract/suite.js';
export type { TransportClause, TransportClauses } from './transport/clause.js';
export { runTransportClause, transportClauses } from './transport/clauses.js';
export type { TransportNetwork, TransportSubject } from './transport/subject.js';
export { transportSuite } from './transport/suite.js';
