// Everything of @happen/core, with `initializeHappen` taking the whole tree of settings and joining NATS by itself.
export * from '@happen/core';
export { initializeHappen } from './initialize.js';
export type { HappenConfig, HappenNodeOptions, HappenSpace } from './config.js';
export type { NatsConfig, NatsConnectionConfig, NatsEndpoint } from './nats-config.js';
