// The public names of @happen/core/message-port, values and types apart.
export { messagePortHub } from './message-port/hub.js';
export { messagePortTransport } from './message-port/message-port-transport.js';

export type { PortStatus } from './message-port/exchange.js';
export type { MessagePortCounts, MessagePortHub, MessagePortHubOptions, PortConnection } from './message-port/hub.js';
export type { MessagePortLike } from './message-port/message-port.js';
export type { MessagePortTransport } from './message-port/message-port-transport.js';
export type { MessagePortOptions } from './message-port/options.js';
export type { JoinableTransport } from './link/define-transport.js';
export type { Clock, Timer } from './ports/clock.js';
export type { Logger } from './ports/logger.js';
export type {
  Address,
  Attachment,
  ConnectionStatus,
  Listener,
  Receive,
  Transport,
  TransportCapabilities,
  TransportHost,
} from './ports/transport.js';
