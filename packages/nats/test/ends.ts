import { setTimeout as pause } from 'node:timers/promises';
import { type ConnectionStatus, type Logger, silentLogger, type Transport, type TransportHost } from '@happen/core';
import { machineClock } from './machine-clock.js';
import { natsTransport } from '../src/index.js';
import type { NatsTransportOptions } from '../src/options.js';

let ends = 0;

/** A transport with a host that writes down what it is told. */
export interface End extends AsyncDisposable {
  readonly instance: string;
  readonly transport: ReturnType<typeof natsTransport>;
  readonly status: ConnectionStatus[];
  readonly gone: string[];
  readonly conflicts: (readonly [nodeId: string, instance: string])[];
  readonly undeliverable: Uint8Array[];
  /** Broadcasts a text. */
  publish(type: string, text: string): Promise<void>;
  /** Resolves when the server has heard of all that was attached and listened to. */
  flush(): Promise<void>;
}

export interface EndSettings {
  readonly options?: NatsTransportOptions;
  readonly transport?: Transport;
  readonly logger?: Logger;
}

export async function startedEnd(servers: string, space: string, settings: EndSettings = {}): Promise<End> {
  const end = endOf(servers, space, settings);
  await end.start();
  return end;
}

export function endOf(
  servers: string,
  space: string,
  { options, transport: given, logger = silentLogger }: EndSettings = {},
): End & { start(): Promise<void> } {
  const instance = `end-${++ends}`;
  const transport = (given ??
    natsTransport({ servers, space, name: instance, reconnectTimeWait: 50, ...options })) as ReturnType<
    typeof natsTransport
  >;
  const status: ConnectionStatus[] = [];
  const gone: string[] = [];
  const conflicts: (readonly [string, string])[] = [];
  const undeliverable: Uint8Array[] = [];
  const host: TransportHost = {
    instance,
    clock: machineClock,
    logger,
    undeliverable: (_to, frame) => void undeliverable.push(frame),
    status: (one) => void status.push(one),
    gone: (one) => void gone.push(one),
    conflict: (nodeId, other) => void conflicts.push([nodeId, other]),
  };
  return {
    instance,
    transport,
    status,
    gone,
    conflicts,
    undeliverable,
    start: () => transport.start(host),
    publish: (type, text) =>
      transport.publish({ kind: 'broadcast', type, sender: instance }, new TextEncoder().encode(text)),
    async flush() {
      const listener = transport.listen('flushing', [], () => {});
      await listener.update(['flushing']);
      listener.close();
    },
    [Symbol.asyncDispose]: () => transport.stop(),
  };
}

/** Waits until something holds, and fails after so many milliseconds. */
export async function until(condition: () => boolean, mostMs = 20_000, what = String(condition)): Promise<void> {
  const begun = performance.now();
  while (!condition()) {
    if (performance.now() - begun > mostMs) throw new Error(`waited ${mostMs} ms in vain for ${what}`);
    await pause(2);
  }
}
