export { setup } from '@happen/nats-server/vitest';
