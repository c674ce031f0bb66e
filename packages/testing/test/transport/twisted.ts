import {
  type Address,
  type Attachment,
  type MemoryHubOptions,
  memoryHub,
  type Receive,
  type Transport,
  type TransportHost,
} from '@happen/core';
import type { TransportNetwork, TransportSubject } from '../../src/index.js';

/** What the ends of one twisted network share, for faults that need to know more than one end. */
export interface Shared {
  /** Grows with each end. */
  ends: number;
  /** Attached receivers by address, with the number of their end. */
  readonly attached: Map<string, { readonly end: number; readonly receive: Receive }[]>;
  readonly hosts: TransportHost[];
  readonly notes: Map<string, number>;
  down: boolean;
}

/** One end as a twist gets it: the sound transport, and what it may need to break it in just one way. */
export interface TwistedEnd {
  readonly sound: Transport;
  readonly end: number;
  readonly shared: Shared;
}

/** Changes a sound transport in one way. What it leaves out stays sound. */
export type Twist = (end: TwistedEnd) => Partial<Transport>;

export interface TwistedNetworkOptions {
  readonly hub?: MemoryHubOptions;
  /** Changes how the network is interrupted, or its ends handed out. */
  readonly network?: (sound: TransportNetwork, ends: Map<Transport, Transport>) => Partial<TransportNetwork>;
}

/** A subject whose transports have one fault. */
export function twistedSubject(label: string, twist: Twist, options: TwistedNetworkOptions = {}): TransportSubject {
  return {
    label,
    // Long enough for what works to work, short enough for what does not to be waited for a hundred times.
    patienceMs: 250,
    open() {
      const hub = memoryHub(options.hub);
      const shared: Shared = { ends: 0, attached: new Map(), hosts: [], notes: new Map(), down: false };
      const sounds = new Map<Transport, Transport>();
      const network: TransportNetwork = {
        join() {
          const sound = hub.transport();
          const twisted = twistedTransport({ sound, end: shared.ends++, shared }, twist);
          sounds.set(twisted, sound);
          return twisted;
        },
        async interrupt(end) {
          const sound = sounds.get(end) as Transport;
          hub.disconnect(sound);
          return async () => hub.reconnect(sound);
        },
        async close() {},
      };
      return { ...network, ...options.network?.(network, sounds) };
    },
  };
}

function twistedTransport(end: TwistedEnd, twist: Twist): Transport {
  const { sound } = end;
  const plain: Transport = {
    name: sound.name,
    supports: sound.supports,
    start: (host) => sound.start(host),
    stop: () => sound.stop(),
    attach: (address, receive) => sound.attach(address, receive),
    listen: (group, patterns, receive) => sound.listen(group, patterns, receive),
    publish: (to, frame) => sound.publish(to, frame),
  };
  // Descriptors, so that a twist may have getters.
  return Object.defineProperties(plain, Object.getOwnPropertyDescriptors(twist(end))) as Transport;
}

export function keyOf(address: Address): string {
  return address.kind === 'broadcast' ? `broadcast ${address.type}` : `${address.kind} ${address.id}`;
}

/** An attachment that is none. */
export const nothingAttached: Attachment = { close() {} };

export function later(callback: () => void, ms = 0): void {
  setTimeout(callback, ms);
}
