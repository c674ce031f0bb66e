import { defineTransport, type JoinableTransport, memoryHub, type Transport } from '../../src/index.js';

/** A transport of a hub that does some things in its own way. */
export function misbehaving(ways: (sound: Transport) => Partial<Transport>, hub = memoryHub()): JoinableTransport {
  const sound: Transport = hub.transport();
  return defineTransport({
    name: 'misbehaving',
    supports: sound.supports,
    start: (host) => sound.start(host),
    stop: () => sound.stop(),
    attach: (address, receive) => sound.attach(address, receive),
    listen: (group, patterns, receive) => sound.listen(group, patterns, receive),
    publish: (to, frame) => sound.publish(to, frame),
    ...ways(sound),
  } satisfies Transport);
}

/** Something to throw that no string can be made of. */
export function unspeakable(): unknown {
  return Object.create(null);
}

/** An error whose message can't be read. */
export function secretive(): Error {
  return Object.defineProperty(new Error('hidden'), 'message', {
    get() {
      throw unspeakable();
    },
  });
}

export function never(): Promise<never> {
  return new Promise(() => {});
}
