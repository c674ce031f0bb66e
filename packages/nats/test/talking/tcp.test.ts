import { type NatsServer, startServer } from '@happen/nats-server';
import { eachServer } from '@happen/nats-server/vitest';
import { afterAll, beforeAll, describe } from 'vitest';
import { talkingSuite } from '../../../core/test/talking/suite.js';
import { natsTransport } from '../../src/index.js';
import { twoSpacesAt } from './worlds.js';

describe.each(eachServer)('on the $version server', ({ version }) => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startServer({ serverVersion: version, jetstream: false });
  });
  afterAll(() => server.stop());

  talkingSuite(
    'across two spaces at a NATS server, by TCP',
    twoSpacesAt((space) => natsTransport({ servers: server.url, space }), {
      ...(version === 'floor'
        ? { tracking: 'automatic', isolation: 'freeze' }
        : { tracking: 'explicit', isolation: 'copy' }),
    }),
  );
});
