// The public names of @happen/core, values and types apart. Reading this list is reading the API.
export { errorCodes } from './errors/error-codes.js';
export { HappenError, isHappenError } from './errors/happen-error.js';
export { defineExtension } from './extension/define-extension.js';
export { createDomain, domain, exact, not, oneOf, wildcard } from './flow/matchers.js';
export { createIdentity, verifySignature } from './identity/identity.js';
export { memoryHub } from './memory/hub.js';
export { memoryStore } from './memory/store.js';
export { createNodeArray } from './node/node-array.js';
export { silentLogger } from './ports/logger.js';
export { initializeHappen } from './space/initialize.js';
export { runtimeCrypto } from './space/runtime-crypto.js';
export { durationOf } from './talk/options.js';
export { defineTransport } from './link/define-transport.js';

export type {
  CausalBranch,
  CausalEvents,
  Causality,
  CausalPath,
  CausalTree,
  Trace,
  TracedEvent,
} from './causality/answers.js';
export type { ErrorCode } from './errors/error-codes.js';
export type { HappenErrorOptions } from './errors/happen-error.js';
export type { Causal, EventContext, HappenEvent, Hop, Origin, Outgoing } from './event/event.js';
export type {
  AnyEvents,
  AnyOutgoingOf,
  Answer,
  Checked,
  CommonEvents,
  EventFor,
  EventOf,
  EventsOfSchemas,
  EventStream,
  Final,
  InputOf,
  Matching,
  OutgoingOf,
  PayloadOf,
  ResultFor,
  ResultOf,
  SchemasFor,
  Yielded,
} from './event/event-map.js';
export type { Isolation } from './event/isolation.js';
export type { ExtendedNode, Extension, ExtensionHooks, ExtensionHost, Members } from './extension/extension.js';
export type {
  EmissionEnd,
  EmissionWatch,
  FlowEnd,
  FlowWatch,
  InterceptedEmission,
  InterceptedFlow,
} from './extension/interception.js';
export type { Domain } from './flow/matchers.js';
export type { Matcher } from './flow/pattern.js';
export type { FlowContext, Handler, Outcome, Step } from './flow/step.js';
export type { CreatedIdentity, Identity } from './identity/identity.js';
export type { FrameRefusal } from './identity/refusal.js';
export type { NodeKeys, PublicKey, SecurityConfig } from './identity/security-config.js';
export type { Signer } from './identity/key-pair.js';
export type { MemoryHub, MemoryHubCounts } from './memory/hub.js';
export type { MemoryHubOptions } from './memory/hub-options.js';
export type { ConcurrencySettings } from './node/inbox.js';
export type { NodeArray } from './node/node-array.js';
export type { LatencySummary } from './metrics/histogram.js';
export type { LatencyMetrics } from './metrics/latencies.js';
export type { NodeCounts } from './node/node-host.js';
export type { HandlerOptions, Node, NodeBase, NodeRef, ResultsById, ResultsHandle } from './node/node.js';
export type { Clock, Timer } from './ports/clock.js';
export type { Crypto } from './ports/crypto.js';
export type { Logger } from './ports/logger.js';
export type { Journal, JournalRecord, MapChange, MapEntry, Store, StoreMap, Subscription } from './ports/store.js';
export type {
  Address,
  Attachment,
  ConnectionStatus,
  Listener,
  NodeDescription,
  Receive,
  Transport,
  TransportCapabilities,
  TransportHost,
  NodeAddress,
  PlacedAddress,
} from './ports/transport.js';
export type { EventSchemas, SchemaIssue, SchemaOutcome, StandardSchema } from './schema/standard-schema.js';
export type { NodeOptions, ReferenceOptions, SpaceConfig } from './space/config.js';
export type { CloseOptions, CloseResult, Space } from './space/space.js';
export type { Unfinished } from './space/closing.js';
export type { HealthReason, SpaceHealth } from './space/health.js';
export type { SpaceMetrics } from './space/metrics.js';
export type {
  ImbalancePattern,
  LagMetrics,
  SystemEvent,
  SystemEvents,
  SystemEventType,
} from './space/system-events.js';
export type { LagSeverity } from './node/lag.js';
export type { JoinableTransport } from './link/define-transport.js';
export type { TalkCounts } from './talk/host.js';
export type { LinkCounts } from './link/link-host.js';
export type { BroadcastOptions, Overflow, SendOptions } from './talk/options.js';
export type { BroadcastHandle, Receipt, SendHandle } from './talk/send-handle.js';
export type { WireLimits } from './wire/limits.js';
export type { MemoryStoreOptions } from './memory/store.js';
