import type { Address, Listener, Transport, TransportHost } from '@happen/core';
import { HappenError } from '@happen/core';
import { keyOf, later, nothingAttached, type Twist, type TwistedNetworkOptions } from './twisted.js';

/** One way to be broken, and the clauses that must notice. */
export interface Fault {
  readonly clauses: readonly string[];
  readonly twist: Twist;
  readonly options?: TwistedNetworkOptions;
}

const perfect = { ordered: true, loss: 'none', duplicates: 'none' } as const;
const keep: Twist = () => ({});
const isClosed = (error: unknown): boolean => (error as { code?: string }).code === 'HAPPEN_CLOSED';

/** Counts up what a fault wants to remember under a name. */
function count({ shared }: Parameters<Twist>[0], name: string): number {
  const next = (shared.notes.get(name) ?? 0) + 1;
  shared.notes.set(name, next);
  return next;
}

const lifecycle: Record<string, Fault> = {
  'resolves what it does not publish': {
    clauses: [
      'publish fails with HAPPEN_CLOSED before start',
      'publish fails with HAPPEN_CLOSED while stopping',
      'publish fails with HAPPEN_CLOSED after stop',
    ],
    twist: ({ sound }) => ({ publish: (to, frame) => sound.publish(to, frame).catch(() => {}) }),
  },
  'throws from publish instead of rejecting': {
    clauses: ['publish fails with HAPPEN_CLOSED before start', 'publish fails with HAPPEN_CLOSED after stop'],
    twist: ({ sound }) => {
      let started = false;
      return {
        async start(host) {
          await sound.start(host);
          started = true;
        },
        async stop() {
          started = false;
          await sound.stop();
        },
        publish(to, frame) {
          if (!started) throw new HappenError('HAPPEN_CLOSED', 'thrown');
          return sound.publish(to, frame);
        },
      };
    },
  },
  'rejects with another code': {
    clauses: ['publish fails with HAPPEN_CLOSED before start'],
    twist: ({ sound }) => ({
      async publish(to, frame) {
        await sound.publish(to, frame).catch(() => {
          throw new HappenError('HAPPEN_DISCONNECTED', 'not connected');
        });
      },
    }),
  },
  'attaches in silence when closed': {
    clauses: [
      'attach fails with HAPPEN_CLOSED before start',
      'attach fails with HAPPEN_CLOSED while stopping',
      'attach fails with HAPPEN_CLOSED after stop',
    ],
    twist: ({ sound }) => ({
      attach(address, receive) {
        try {
          return sound.attach(address, receive);
        } catch {
          return nothingAttached;
        }
      },
    }),
  },
  'listens in silence when closed': {
    clauses: [
      'listen fails with HAPPEN_CLOSED before start',
      'listen fails with HAPPEN_CLOSED while stopping',
      'listen fails with HAPPEN_CLOSED after stop',
    ],
    twist: ({ sound }) => ({
      listen(group, patterns, receive) {
        try {
          return sound.listen(group, patterns, receive);
        } catch {
          return { ...nothingAttached, async update() {} };
        }
      },
    }),
  },
  'closes only some time after stop was called': {
    clauses: [
      'publish fails with HAPPEN_CLOSED while stopping',
      'attach fails with HAPPEN_CLOSED while stopping',
      'listen fails with HAPPEN_CLOSED while stopping',
    ],
    twist: ({ sound }) => ({
      async stop() {
        await new Promise<void>((resolve) => void later(resolve));
        await sound.stop();
      },
    }),
  },
  'fails when stopped again': {
    clauses: ['can be stopped twice, also at the same time'],
    twist: ({ sound }) => {
      let stopped = false;
      return {
        async stop() {
          if (stopped) throw new Error('stopped already');
          stopped = true;
          await sound.stop();
        },
      };
    },
  },
  'can be started after it was stopped': {
    clauses: ['can be stopped before it is started, and is not started then'],
    twist: ({ sound }) => ({ start: (host) => sound.start(host).catch(() => {}) }),
  },
  'can not be stopped before it is started': {
    clauses: ['can be stopped before it is started, and is not started then'],
    twist: ({ sound }) => {
      let started = false;
      return {
        async start(host) {
          started = true;
          await sound.start(host);
        },
        async stop() {
          if (!started) throw new Error('not started');
          await sound.stop();
        },
      };
    },
  },
  'tells connected later': {
    clauses: ['tells connected by the time it has started and closed by the time it has stopped'],
    twist: ({ sound }) => ({
      start: (host) => sound.start({ ...host, status: (...told) => void later(() => host.status(...told)) }),
    }),
  },
  'never tells closed': {
    clauses: ['tells connected by the time it has started and closed by the time it has stopped'],
    twist: ({ sound }) => ({
      start: (host) => sound.start({ ...host, status: (told) => void (told !== 'closed' && host.status(told)) }),
    }),
  },
  'talks on after stop': {
    clauses: ['tells its host nothing after stop'],
    twist: ({ sound }) => {
      let host: TransportHost | undefined;
      return {
        async start(given) {
          host = given;
          await sound.start(given);
        },
        async stop() {
          await sound.stop();
          later(() => host?.status('disconnected'));
        },
      };
    },
  },
  'loses on stop what it has not sent': {
    clauses: ['lets the frames it has taken leave before it stops'],
    twist: ({ sound }) => {
      let stopped = false;
      return {
        async stop() {
          stopped = true;
          await sound.stop();
        },
        async publish(to, frame) {
          if (stopped) return sound.publish(to, frame);
          const copy = frame.slice();
          later(() => void (!stopped && sound.publish(to, copy)));
        },
      };
    },
  },
  'refuses on stop what it had taken': {
    clauses: ['lets the frames it has taken leave before it stops'],
    twist: ({ sound }) => ({
      async publish(to, frame) {
        await Promise.resolve();
        await sound.publish(to, frame);
      },
    }),
  },
  'stays attached after stop': {
    clauses: ['hands nothing over after stop'],
    twist: ({ sound }) => {
      let host: TransportHost | undefined;
      const refuse = (): never => {
        throw new HappenError('HAPPEN_CLOSED', 'stopped');
      };
      let open = true;
      return {
        async start(given) {
          host = given;
          await sound.start(given);
        },
        async stop() {
          if (!open) return;
          open = false;
          host?.status('closed');
        },
        attach: (address, receive) => (open ? sound.attach(address, receive) : refuse()),
        listen: (group, patterns, receive) => (open ? sound.listen(group, patterns, receive) : refuse()),
        publish: async (to, frame) => (open ? sound.publish(to, frame) : refuse()),
      };
    },
  },
  'throws when an attachment is closed after stop': {
    clauses: ['lets attachments be closed after stop'],
    twist: ({ sound }) => {
      let stopped = false;
      return {
        async stop() {
          stopped = true;
          await sound.stop();
        },
        attach(address, receive) {
          const attachment = sound.attach(address, receive);
          return {
            close() {
              if (stopped) throw new Error('stopped');
              attachment.close();
            },
          };
        },
      };
    },
  },
  'takes the whole network down when it stops': {
    clauses: ['goes on among the others when one end has stopped'],
    twist: ({ sound, shared }) => ({
      async stop() {
        shared.down = true;
        await sound.stop();
      },
      publish: async (to, frame) => (shared.down ? undefined : sound.publish(to, frame)),
    }),
  },
};

const capabilities: Record<string, Fault> = {
  'knows no limit': {
    clauses: ['says what it supports'],
    twist: ({ sound }) => ({ supports: { ...sound.supports, maxFrameBytes: Number.POSITIVE_INFINITY } }),
  },
  'has no name': { clauses: ['says what it supports'], twist: () => ({ name: '' }) },
  'says nothing of loss': {
    clauses: ['says what it supports'],
    twist: ({ sound }) => ({ supports: { ...sound.supports, loss: undefined as never } }),
  },
  'changes what it supports': {
    clauses: ['goes on supporting what it supported when it had started'],
    twist: ({ sound }) => {
      let published = 0;
      return {
        publish(to, frame) {
          published++;
          return sound.publish(to, frame);
        },
        get supports() {
          return { ...sound.supports, maxFrameBytes: sound.supports.maxFrameBytes - (published > 50 ? 1 : 0) };
        },
      };
    },
  },
  'drops, and says it does not': {
    clauses: ['hands over all of 10 000 frames published at once, if it says that none is lost'],
    twist: ({ sound }) => ({ supports: { ...sound.supports, ...perfect } }),
    options: { hub: { drop: 0.001, seed: 3 } },
  },
  'overflows in a burst': {
    clauses: ['hands over all of 10 000 frames published at once, if it says that none is lost'],
    twist: ({ sound }) => {
      let inTurn = 0;
      return {
        async publish(to, frame) {
          if (inTurn++ === 0) later(() => void (inTurn = 0));
          if (inTurn < 9_000) await sound.publish(to, frame);
        },
      };
    },
  },
  'duplicates, and says it does not': {
    clauses: ['hands none of 10 000 frames over twice, if it says so'],
    twist: ({ sound, shared }) => ({
      supports: { ...sound.supports, ...perfect },
      async publish(to, frame) {
        await sound.publish(to, frame);
        if (to.kind === 'node' && count({ sound, shared, end: 0 }, 'published') % 1_000 === 999)
          await sound.publish(to, frame);
      },
    }),
  },
  'reorders, and says it does not': {
    clauses: ['keeps the order of 10 000 frames to one address, if it says so'],
    twist: ({ sound }) => ({ supports: { ...sound.supports, ...perfect } }),
    options: { hub: { reorder: 0.001, seed: 3 } },
  },
  'claims a longer frame than it takes': {
    clauses: ['takes a frame of maxFrameBytes'],
    twist: ({ sound }) => ({ supports: { ...sound.supports, maxFrameBytes: sound.supports.maxFrameBytes + 1 } }),
  },
  'takes a longer frame than it claims': {
    clauses: ['refuses a frame longer than maxFrameBytes with HAPPEN_PAYLOAD_TOO_LARGE, and goes on'],
    twist: ({ sound }) => ({ supports: { ...sound.supports, maxFrameBytes: sound.supports.maxFrameBytes - 1 } }),
  },
  'takes nothing after a frame that was too long': {
    clauses: ['refuses a frame longer than maxFrameBytes with HAPPEN_PAYLOAD_TOO_LARGE, and goes on'],
    twist: ({ sound }) => {
      let broken = false;
      return {
        async publish(to, frame) {
          if (broken) return;
          broken = frame.length > sound.supports.maxFrameBytes;
          await sound.publish(to, frame);
        },
      };
    },
  },
};

const frames: Record<string, Fault> = {
  'loses empty frames': {
    clauses: ['hands frames of every size over whole and unchanged'],
    twist: ({ sound }) => ({ publish: async (to, frame) => (frame.length > 0 ? sound.publish(to, frame) : undefined) }),
  },
  'cuts off what is longer than 65 536 bytes': {
    clauses: ['hands frames of every size over whole and unchanged'],
    twist: ({ sound }) => ({ publish: (to, frame) => sound.publish(to, frame.slice(0, 65_536)) }),
  },
  'changes a byte': {
    clauses: ['hands frames of every size over whole and unchanged'],
    twist: ({ sound }) => ({
      attach: (address, receive) =>
        sound.attach(address, (frame) => {
          if (frame.length === 129) frame[128] = (frame[128] ?? 0) ^ 1;
          receive(frame);
        }),
    }),
  },
  'sends the whole of the buffer behind a part': {
    clauses: ['takes a part of a larger array as a frame'],
    twist: ({ sound }) => ({ publish: (to, frame) => sound.publish(to, new Uint8Array(frame.buffer)) }),
  },
  'writes into the published array': {
    clauses: ['leaves the array that was published as it was'],
    twist: ({ sound }) => ({
      async publish(to, frame) {
        await sound.publish(to, frame);
        if (frame.length === 500) frame[0] = 0;
      },
    }),
  },
  'reads the array after publish has resolved': {
    clauses: [
      'has taken what it needs of an array when publish has resolved',
      'copies an array whose slices share its memory, as those of a Node Buffer do',
    ],
    twist: ({ sound }) => ({ publish: async (to, frame) => void later(() => void sound.publish(to, frame)) }),
  },
  'copies with slice': {
    clauses: ['copies an array whose slices share its memory, as those of a Node Buffer do'],
    twist: ({ sound }) => ({
      async publish(to, frame) {
        const copy = frame.slice();
        later(() => void sound.publish(to, copy));
      },
    }),
  },
  'hands the same array to several receivers': {
    clauses: ['gives each receiver memory of its own'],
    twist: ({ sound }) => {
      let last: { readonly original: string; readonly frame: Uint8Array } | undefined;
      return {
        listen: (group, patterns, receive) =>
          sound.listen(group, patterns, (frame) => {
            if (last?.original !== frame.join()) last = { original: frame.join(), frame };
            receive(last.frame);
          }),
      };
    },
  },
  'uses one buffer for all it hands over': {
    clauses: ['leaves what it has handed over alone'],
    twist: ({ sound }) => {
      const buffer = new Uint8Array(1_048_576);
      return {
        attach: (address, receive) =>
          sound.attach(address, (frame) => {
            buffer.set(frame);
            receive(buffer.subarray(0, frame.length));
          }),
      };
    },
  },
  'hands over inside publish': {
    clauses: ['hands nothing over inside the call of publish'],
    twist: ({ sound, shared, end }) => ({
      attach(address, receive) {
        const list = shared.attached.get(keyOf(address)) ?? [];
        shared.attached.set(keyOf(address), list);
        const entry = { end, receive };
        list.push(entry);
        return { close: () => void list.splice(list.indexOf(entry), 1) };
      },
      async publish(to, frame) {
        if (to.kind === 'broadcast') return sound.publish(to, frame);
        shared.attached
          .get(keyOf(to))
          ?.find((entry) => entry.end !== end)
          ?.receive(frame.slice());
      },
    }),
  },
  'is half-duplex': {
    clauses: ['moves frames both ways at once'],
    twist: ({ sound, shared, end }) => ({
      async publish(to, frame) {
        const turn = `turn of ${end}`;
        shared.notes.set(turn, (shared.notes.get(turn) ?? 0) + 1);
        later(() => void shared.notes.set(turn, 0));
        const othersBusy = (shared.notes.get(`turn of ${1 - end}`) ?? 0) > 100;
        if (!othersBusy) await sound.publish(to, frame);
      },
    }),
  },
  'loses what is published inside a receiver': {
    clauses: ['answers inside the receiver reach the asker'],
    twist: ({ sound }) => {
      let receiving = false;
      return {
        attach: (address, receive) =>
          sound.attach(address, (frame) => {
            receiving = true;
            receive(frame);
            receiving = false;
          }),
        publish: async (to, frame) => (receiving ? undefined : sound.publish(to, frame)),
      };
    },
  },
  'mixes up the frames of two publishers': {
    clauses: ['keeps apart the frames of many publishers, each in its order'],
    twist: ({ sound, shared, end }) => {
      let held: [Address, Uint8Array][] = [];
      return {
        async publish(to, frame) {
          shared.notes.set('last', end);
          held.push([to, frame.slice()]);
          if (held.length > 1) return;
          await new Promise<void>((resolve) => void later(resolve));
          const leaving = held;
          held = [];
          if (shared.notes.get('last') !== end) leaving.reverse();
          for (const [address, copy] of leaving) await sound.publish(address, copy);
        },
      };
    },
  },
};

const addresses: Record<string, Fault> = {
  'reads ids up to the first dot': {
    clauses: ['hands a frame to the node it is addressed to, and to nothing else', 'tells ids of any characters apart'],
    twist: ({ sound }) => renamed(sound, (id) => id.split('.')[0] as string),
  },
  'takes instances for nodes': {
    clauses: ['hands a frame to the instance it is addressed to, and to nothing else'],
    twist: ({ sound }) => ({
      attach: ({ id }, receive) => sound.attach({ kind: 'node', id }, receive),
      publish: (to, frame) => sound.publish(to.kind === 'broadcast' ? to : { kind: 'node', id: to.id }, frame),
    }),
  },
  'ignores case': {
    clauses: ['tells ids of any characters apart'],
    twist: ({ sound }) => renamed(sound, (id) => id.toLowerCase()),
  },
  'writes spaces as underscores': {
    clauses: ['tells ids of any characters apart'],
    twist: ({ sound }) => renamed(sound, (id) => id.replaceAll(' ', '_')),
  },
  'cuts ids off': {
    clauses: ['tells ids of any characters apart'],
    twist: ({ sound }) => renamed(sound, (id) => id.slice(0, 200)),
  },
  'hands a frame to every instance of a node': {
    clauses: ['hands a frame to one of the instances that have attached the node'],
    twist: ({ sound, end }) => ({
      attach: (address, receive) =>
        address.kind === 'node'
          ? sound.listen(`${end} ${address.id}`, [`node ${address.id}`], receive)
          : sound.attach(address, receive),
      publish: (to, frame) =>
        sound.publish(to.kind === 'node' ? { kind: 'broadcast', type: `node ${to.id}`, sender: '' } : to, frame),
    }),
  },
  echoes: {
    clauses: ['never hands a frame to the instance that published it'],
    twist: ({ sound, shared, end }) => ({
      attach(address, receive) {
        const list = shared.attached.get(keyOf(address)) ?? [];
        shared.attached.set(keyOf(address), [...list, { end, receive }]);
        return sound.attach(address, receive);
      },
      async publish(to, frame) {
        await sound.publish(to, frame);
        for (const entry of shared.attached.get(keyOf(to)) ?? []) if (entry.end === end) entry.receive(frame.slice());
      },
    }),
  },
  'echoes broadcasts': {
    clauses: [
      'never hands a frame to the instance that published it',
      'hands a broadcast to another instance when the publisher listens in the group too',
    ],
    twist: ({ sound }) => {
      const listeners: ((frame: Uint8Array) => void)[] = [];
      return {
        listen(group, patterns, receive) {
          listeners.push(receive);
          return sound.listen(group, patterns, receive);
        },
        async publish(to, frame) {
          await sound.publish(to, frame);
          if (to.kind === 'broadcast') for (const receive of listeners) receive(frame.slice());
        },
      };
    },
  },
  'keeps to itself what it has attached too': {
    clauses: ['hands a frame to another instance when the publisher has attached the node too'],
    twist: ({ sound }) => {
      const own = new Set<string>();
      return {
        attach(address, receive) {
          own.add(keyOf(address));
          return sound.attach(address, receive);
        },
        publish: async (to, frame) => (own.has(keyOf(to)) ? undefined : sound.publish(to, frame)),
      };
    },
  },
  'ignores the close of an attachment': {
    clauses: ['hands nothing over once an attachment is closed'],
    twist: ({ sound }) => ({
      attach(address, receive) {
        sound.attach(address, receive);
        return nothingAttached;
      },
    }),
  },
  'hands over what was on its way when an attachment was closed': {
    clauses: ['hands nothing over once an attachment is closed'],
    twist: ({ sound }) => ({
      attach(address, receive) {
        const attachment = sound.attach(address, receive);
        return { close: () => void later(attachment.close) };
      },
    }),
  },
  'closes by address': {
    clauses: ['does not close a later attachment when one is closed twice'],
    twist: ({ sound }) => {
      const current = new Map<string, { close(): void }>();
      return {
        attach(address, receive) {
          current.set(keyOf(address), sound.attach(address, receive));
          return { close: () => current.get(keyOf(address))?.close() };
        },
      };
    },
  },
  'tells the network nothing of a closed attachment': {
    clauses: ['goes on with the other instance when one has closed its attachment'],
    twist: ({ sound }) => ({ attach: (address, receive) => muted(receive, (heard) => sound.attach(address, heard)) }),
  },
  'binds a node to the instance that had it first': {
    clauses: ['lets a node move to another instance'],
    twist: ({ sound, shared, end }) => ({
      attach(address, receive) {
        const owner = shared.notes.get(keyOf(address)) ?? end;
        shared.notes.set(keyOf(address), owner);
        return owner === end ? sound.attach(address, receive) : nothingAttached;
      },
    }),
  },
};

const broadcasts: Record<string, Fault> = {
  'knows no exact types': {
    clauses: ['hands over broadcasts of an exact type'],
    twist: ({ sound }) => relisted(sound, (patterns) => patterns.filter((pattern) => pattern.includes('*'))),
  },
  'knows no *': {
    clauses: ['hands over broadcasts that * asks for'],
    twist: ({ sound }) =>
      relisted(sound, (patterns) => patterns.filter((pattern) => !pattern.split('.').includes('*'))),
  },
  'takes ** for at least one segment': {
    clauses: ['hands over broadcasts that ** asks for, also for no segment'],
    twist: ({ sound }) => relisted(sound, (patterns) => patterns.map((pattern) => pattern.replaceAll('**', '*.**'))),
  },
  'sends types of plain letters only': {
    clauses: ['hands over broadcasts of types of any characters'],
    twist: ({ sound }) => ({
      publish: async (to, frame) =>
        to.kind === 'broadcast' && !/^[\w.]+$/.test(to.type) ? undefined : sound.publish(to, frame),
    }),
  },
  'hands a broadcast over for every pattern': {
    clauses: ['hands a broadcast over once, however many patterns of a group match'],
    twist: ({ sound }) => ({
      listen(group, patterns, receive) {
        const all = patterns.map((pattern, index) => sound.listen(`${group} ${index}`, [pattern], receive));
        return {
          close: () => all.forEach((one) => one.close()),
          update: async (wanted) => all[0]?.update(wanted),
        };
      },
    }),
  },
  'knows one group an instance': {
    clauses: ['hands a broadcast to every group, on one instance or on several'],
    twist: ({ sound }) => {
      let last: Listener | undefined;
      return {
        listen(group, patterns, receive) {
          last?.close();
          last = sound.listen(group, patterns, receive);
          return last;
        },
      };
    },
  },
  'ignores groups': {
    clauses: ['hands a broadcast to one instance of each group'],
    twist: ({ sound, end }) => ({
      listen: (group, patterns, receive) => sound.listen(`${group} ${end}`, patterns, receive),
    }),
  },
  'takes a group for served where it listens itself': {
    clauses: ['hands a broadcast to another instance when the publisher listens in the group too'],
    twist: ({ sound }) => {
      let listens = 0;
      return {
        listen(group, patterns, receive) {
          if (group === 'g') listens++;
          return sound.listen(group, patterns, receive);
        },
        publish: async (to, frame) => (to.kind === 'broadcast' && listens > 0 ? undefined : sound.publish(to, frame)),
      };
    },
  },
  'reorders broadcasts': {
    clauses: ['keeps the order of broadcasts of one type, if it says so'],
    twist: (end) => {
      const { sound } = end;
      return {
        async publish(to, frame) {
          if (to.kind !== 'broadcast' || count(end, 'broadcasts') % 100 !== 50) return sound.publish(to, frame);
          const copy = frame.slice();
          later(() => void sound.publish(to, copy));
        },
      };
    },
  },
  'takes types for nodes': {
    clauses: ['keeps broadcasts and frames to nodes apart'],
    twist: ({ sound }) => ({
      async publish(to, frame) {
        await sound.publish(to, frame);
        if (to.kind === 'broadcast') await sound.publish({ kind: 'node', id: to.type }, frame);
      },
    }),
  },
  'ignores update': {
    clauses: ['hands over what the new patterns ask for once update has resolved'],
    twist: ({ sound }) => ({
      listen(group, patterns, receive) {
        const listener = sound.listen(group, patterns, receive);
        return { close: listener.close, update: async () => {} };
      },
    }),
  },
  'updates some time after it has said so': {
    clauses: ['hands over what the new patterns ask for once update has resolved'],
    twist: ({ sound }) => ({
      listen(group, patterns, receive) {
        const listener = sound.listen(group, patterns, receive);
        return { close: listener.close, update: async (wanted) => void later(() => void listener.update(wanted), 5) };
      },
    }),
  },
  'never listens where it began with nothing': {
    clauses: ['can listen to nothing, and to something later'],
    twist: ({ sound }) => ({
      listen: (group, patterns, receive) =>
        patterns.length > 0 ? sound.listen(group, patterns, receive) : { ...nothingAttached, async update() {} },
    }),
  },
  'ignores the close of a listener': {
    clauses: ['hands nothing over once a listener is closed'],
    twist: ({ sound }) => ({
      listen: (group, patterns, receive) => ({ ...sound.listen(group, patterns, receive), close() {} }),
    }),
  },
  'tells the network nothing of a closed listener': {
    clauses: ['goes on with the other instance of a group when one has closed its listener'],
    twist: ({ sound }) => ({
      listen: (group, patterns, receive) => muted(receive, (heard) => sound.listen(group, patterns, heard)),
    }),
  },
  'updates what is closed': {
    clauses: [
      'update fails with HAPPEN_CLOSED once the listener is closed',
      'update fails with HAPPEN_CLOSED after stop',
    ],
    twist: ({ sound }) => ({
      listen(group, patterns, receive) {
        const listener = sound.listen(group, patterns, receive);
        return { close: listener.close, update: (wanted) => listener.update(wanted).catch(() => {}) };
      },
    }),
  },
};

const undeliverable: Record<string, Fault> = {
  'never tells of what cannot be delivered': {
    clauses: [
      'tells of a frame to a node that nobody has attached, if it says so',
      'tells of a frame to an instance that nobody has attached, if it says so',
      'tells of each undeliverable frame once, with the array that was published',
    ],
    twist: ({ sound }) => ({ start: (host) => sound.start({ ...host, undeliverable() {} }) }),
  },
  'tells of nodes only': {
    clauses: ['tells of a frame to an instance that nobody has attached, if it says so'],
    twist: ({ sound }) => told(sound, (host, to, frame) => void (to.kind === 'node' && host.undeliverable(to, frame))),
  },
  'tells though it says that it does not': {
    clauses: ['tells of a frame to a node that nobody has attached, if it says so'],
    twist: ({ sound }) => ({ supports: { ...sound.supports, unreachable: false } }),
  },
  'believes in whoever was attached once': {
    clauses: ['tells of a frame to a node that has been detached, if it says so'],
    twist: ({ sound, shared }) => ({
      ...told(sound, (host, to, frame) => void (!shared.notes.has(keyOf(to)) && host.undeliverable(to, frame))),
      attach(address, receive) {
        shared.notes.set(keyOf(address), 1);
        return sound.attach(address, receive);
      },
    }),
  },
  'counts itself among the receivers': {
    clauses: ['tells of a frame to a node that only the publisher has attached, if it says so'],
    twist: ({ sound }) => {
      const own = new Set<string>();
      return {
        ...told(sound, (host, to, frame) => void (!own.has(keyOf(to)) && host.undeliverable(to, frame))),
        attach(address, receive) {
          const attachment = sound.attach(address, receive);
          own.add(keyOf(address));
          return {
            close() {
              own.delete(keyOf(address));
              attachment.close();
            },
          };
        },
      };
    },
  },
  'leaves its attachments behind when it stops': {
    clauses: ['tells of a frame to a node whose instance has stopped, if it says so'],
    twist: ({ sound, shared }) => ({
      ...told(sound, (host, to, frame) => void (!shared.notes.has(keyOf(to)) && host.undeliverable(to, frame))),
      attach(address, receive) {
        const attachment = sound.attach(address, receive);
        shared.notes.set(keyOf(address), 1);
        return {
          close() {
            shared.notes.delete(keyOf(address));
            attachment.close();
          },
        };
      },
    }),
  },
  'gives back a copy': {
    clauses: ['tells of each undeliverable frame once, with the array that was published'],
    twist: ({ sound }) => told(sound, (host, to, frame) => host.undeliverable(to, frame.slice())),
  },
  'tells twice': {
    clauses: ['tells of each undeliverable frame once, with the array that was published'],
    twist: ({ sound }) =>
      told(sound, (host, to, frame) => {
        host.undeliverable(to, frame);
        host.undeliverable(to, frame);
      }),
  },
  'tells inside publish': {
    clauses: ['tells of nothing inside the call of publish'],
    twist: ({ sound }) => {
      let host: TransportHost | undefined;
      return {
        start(given) {
          host = given;
          return sound.start({ ...given, undeliverable() {} });
        },
        publish(to, frame) {
          if (to.kind !== 'broadcast' && to.id === 'nobody') host?.undeliverable(to, frame);
          return sound.publish(to, frame);
        },
      };
    },
  },
  'tells of what it has delivered': {
    clauses: ['tells of no frame that was delivered'],
    twist: ({ sound }) => {
      let host: TransportHost | undefined;
      return {
        start(given) {
          host = given;
          return sound.start(given);
        },
        async publish(to, frame) {
          await sound.publish(to, frame);
          if (to.kind === 'node') host?.undeliverable(to, frame);
        },
      };
    },
  },
  'tells of broadcasts': {
    clauses: ['tells of no broadcast'],
    twist: ({ sound }) => {
      let host: TransportHost | undefined;
      return {
        start(given) {
          host = given;
          return sound.start(given);
        },
        async publish(to, frame) {
          await sound.publish(to, frame);
          if (to.kind === 'broadcast') host?.undeliverable(to, frame);
        },
      };
    },
  },
  'tells everybody': {
    clauses: ['tells only the publisher'],
    twist: ({ sound, shared }) => ({
      start(host) {
        shared.hosts.push(host);
        return sound.start({
          ...host,
          undeliverable: (to, frame) => shared.hosts.forEach((one) => one.undeliverable(to, frame)),
        });
      },
    }),
  },
};

const connection: Record<string, Fault> = {
  'says nothing of a lost connection': {
    clauses: ['tells its host when the connection is lost and when it is back'],
    twist: ({ sound }) => ({
      start: (host) => sound.start({ ...host, status: (now) => void (now !== 'disconnected' && host.status(now)) }),
    }),
  },
  'says nothing of a connection that is back': {
    clauses: ['tells its host when the connection is lost and when it is back'],
    twist: ({ sound }) => ({
      start: (host) => sound.start({ ...host, status: (now) => void (now !== 'reconnected' && host.status(now)) }),
    }),
  },
  'refuses with an error of its own while disconnected': {
    clauses: ['keeps what is published while disconnected, or refuses it with HAPPEN_DISCONNECTED'],
    twist: ({ sound }) => ({
      publish: (to, frame) =>
        sound.publish(to, frame).catch((error: unknown) => {
          throw isClosed(error) ? error : new Error('socket hang up');
        }),
    }),
  },
  'throws away what it takes while disconnected': {
    clauses: ['keeps what is published while disconnected, or refuses it with HAPPEN_DISCONNECTED'],
    twist: ({ sound }) => ({
      publish: (to, frame) =>
        sound.publish(to, frame).catch((error: unknown) => {
          if (isClosed(error)) throw error;
        }),
    }),
  },
  'never settles what is published while disconnected': {
    clauses: ['keeps what is published while disconnected, or refuses it with HAPPEN_DISCONNECTED'],
    twist: ({ sound }) => ({
      publish: (to, frame) =>
        sound.publish(to, frame).catch((error: unknown) => {
          if (isClosed(error)) throw error;
          return new Promise<void>(() => {});
        }),
    }),
  },
  'forgets its attachments with the connection': {
    clauses: ['goes on with what was attached before, once the connection is back'],
    twist: ({ sound }) => {
      const nodes: { close(): void }[] = [];
      return {
        start: (host) =>
          sound.start({
            ...host,
            status(now) {
              if (now === 'disconnected') for (const attachment of nodes) attachment.close();
              host.status(now);
            },
          }),
        attach(address, receive) {
          const attachment = sound.attach(address, receive);
          if (address.kind === 'node') nodes.push(attachment);
          return attachment;
        },
      };
    },
  },
  'waits for the connection before it stops': {
    clauses: ['can be stopped while disconnected'],
    twist: ({ sound }) => {
      let connected = true;
      return {
        start: (host) =>
          sound.start({
            ...host,
            status(now) {
              connected = now !== 'disconnected';
              host.status(now);
            },
          }),
        async stop() {
          while (!connected) await new Promise<void>((resolve) => void later(resolve, 10));
          await sound.stop();
        },
      };
    },
  },
  'cannot be interrupted': {
    clauses: [
      'tells its host when the connection is lost and when it is back',
      'keeps what is published while disconnected, or refuses it with HAPPEN_DISCONNECTED',
      'goes on with what was attached before, once the connection is back',
      'can be stopped while disconnected',
    ],
    twist: keep,
    options: { network: () => ({ interrupt: undefined as never }) },
  },
};

/** Every fault, by what is wrong. */
export const faults: Readonly<Record<string, Fault>> = {
  ...lifecycle,
  ...capabilities,
  ...frames,
  ...addresses,
  ...broadcasts,
  ...undeliverable,
  ...connection,
};

function renamed(sound: Transport, rename: (id: string) => string): Partial<Transport> {
  return {
    attach: (address, receive) => sound.attach({ ...address, id: rename(address.id) }, receive),
    publish: (to, frame) => sound.publish(to.kind === 'broadcast' ? to : { ...to, id: rename(to.id) }, frame),
  };
}

function relisted(sound: Transport, change: (patterns: readonly string[]) => string[]): Partial<Transport> {
  return { listen: (group, patterns, receive) => sound.listen(group, change(patterns), receive) };
}

/** Closing stops the handing over, and the network goes on sending. */
function muted<Attached extends object>(
  receive: (frame: Uint8Array) => void,
  attach: (heard: (frame: Uint8Array) => void) => Attached,
): Attached {
  let open = true;
  const attached = attach((frame) => void (open && receive(frame)));
  return { ...attached, close: () => void (open = false) };
}

function told(
  sound: Transport,
  tell: (host: TransportHost, to: Address, frame: Uint8Array) => void,
): Pick<Transport, 'start'> {
  return { start: (host) => sound.start({ ...host, undeliverable: (to, frame) => tell(host, to, frame) }) };
}
