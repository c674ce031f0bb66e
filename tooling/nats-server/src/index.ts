export type { FoundServer } from './find/cache.js';
export { fetchServer, findServer, ServerUnavailableError, type FindServerOptions } from './find/find-server.js';
export { startProxy, type Direction, type Proxy, type StartProxyOptions } from './proxy/start-proxy.js';
export type { ServerTls } from './run/configuration.js';
export type { Ending } from './run/keeper.js';
export { NatsServer } from './run/nats-server.js';
export { startCluster, type NatsCluster, type StartClusterOptions } from './run/start-cluster.js';
export { startServer, type StartServerOptions } from './run/start-server.js';
export { floorVersion, type Version, type WantedVersion } from './version.js';
