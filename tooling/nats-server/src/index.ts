export type { FoundServer } from './find/cache.js';
export { fetchServer, findServer, ServerUnavailableError, type FindServerOptions } from './find/find-server.js';
export type { ServerTls } from './run/configuration.js';
export type { Ending } from './run/keeper.js';
export { NatsServer } from './run/nats-server.js';
export { startServer, type StartServerOptions } from './run/start-server.js';
export { floorVersion, type Version, type WantedVersion } from './version.js';
