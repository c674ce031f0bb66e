/** What is measured as a rate, by whom, and what is to be reached. The contenders themselves are loaded only in their own processes. */

import type { PartyName } from './works/nats/party.js';

export const rowNames = [
  'request',
  'broadcast',
  'broadcast-burst',
  'flow',
  'chain',
  'batch-64',
  'fan-out-16',
  'nodes-1000',
  'create-nodes-1000',
  'stream-10000',
  'request-development',
  'hub-request',
  'hub-request-256',
  'hub-one-way',
  'nats-request',
  'nats-request-256',
  'nats-one-way',
] as const;

export type RowName = (typeof rowNames)[number];

export type Library = 'happen' | 'moleculer' | 'eventemitter3' | 'mitt' | 'node' | 'nats';

/** How a contender is set up. */
export interface Setting {
  readonly tracking: 'automatic' | 'explicit';
  /** The `NODE_ENV` of its process. */
  readonly environment: 'production' | 'development';
  /** How the work is done, where a row compares several ways of one library. */
  readonly way?: 'singly' | 'as a list' | 'generator' | 'readable';
  /** Who speaks over NATS, in the rows on that. */
  readonly party?: PartyName;
}

export interface Contender {
  /** Unique within a row. */
  readonly name: string;
  readonly library: Library;
  readonly setting: Setting;
  /** The least ratio to the row's reference that is aimed at, on a major version of Node. */
  readonly goal?: (nodeMajor: number) => number;
}

export interface Row {
  readonly name: RowName;
  readonly title: string;
  readonly contenders: readonly Contender[];
  /** The contender that the others are compared with. */
  readonly reference?: string;
  /** Who does not take part, and why. */
  readonly absent: readonly { readonly name: string; readonly why: string }[];
}

const production: Setting = { tracking: 'automatic', environment: 'production' };

const moleculer: Contender = { name: 'Moleculer', library: 'moleculer', setting: production };
const eventEmitter3: Contender = { name: 'EventEmitter3', library: 'eventemitter3', setting: production };
const moleculerList: Contender = {
  ...moleculer,
  name: 'Moleculer, as a list',
  setting: { ...production, way: 'as a list' },
};
const mitt: Contender = { name: 'mitt', library: 'mitt', setting: production };

const generator: Contender = {
  name: 'async generator',
  library: 'node',
  setting: { ...production, way: 'generator' },
};
const readable: Contender = { name: 'Readable.from', library: 'node', setting: { ...production, way: 'readable' } };

/** Happen, tracking causes in both of its ways. */
function happen(goals: { automatic?: Contender['goal']; explicit?: Contender['goal'] } = {}): Contender[] {
  return (['automatic', 'explicit'] as const).map((tracking) => {
    const goal = goals[tracking];
    return {
      name: `Happen, ${tracking}`,
      library: 'happen' as const,
      setting: { tracking, environment: 'production' as const },
      ...(goal === undefined ? undefined : { goal }),
    };
  });
}

function overNats(name: string, party: PartyName, goal?: Contender['goal']): Contender {
  return {
    name,
    library: 'nats',
    setting: { ...production, party },
    ...(goal === undefined ? undefined : { goal }),
  };
}

const moleculerOverNats = overNats(moleculer.name, 'moleculer');
const clientAlone = overNats('nats.js and JSON', 'nats');
const clientAndMessagePack = overNats('nats.js and @msgpack/msgpack', 'nats-msgpack');
const clientAndBytes = overNats('nats.js, bytes alone', 'nats-bytes');
const atLeast = (ratio: number) => (): number => ratio;

function happenOverNats(goal?: Contender['goal']): Contender[] {
  return [overNats('Happen, automatic', 'happen', goal), overNats('Happen, explicit', 'happen-explicit', goal)];
}

function emitters(why: string): Row['absent'] {
  return [eventEmitter3, mitt].map(({ name }) => ({ name, why }));
}

/** Node follows a value through promises without a hook on each of them since version 24. */
const automaticRequest = (nodeMajor: number): number => (nodeMajor >= 24 ? 1 : 0.6);
const once = (): number => 1;
const thrice = (): number => 3;

export const rows: readonly Row[] = [
  {
    name: 'request',
    title: 'request and answer within a process, awaited one after the other',
    contenders: [...happen({ automatic: automaticRequest, explicit: once }), moleculer],
    reference: moleculer.name,
    absent: emitters('an emitter hands no answer back'),
  },
  {
    name: 'broadcast',
    title: 'broadcast to one listener, awaited one after the other (EventEmitter3 and mitt: a plain call)',
    contenders: [...happen({ automatic: thrice, explicit: thrice }), moleculer, eventEmitter3, mitt],
    reference: moleculer.name,
    absent: [],
  },
  {
    name: 'broadcast-burst',
    title: 'broadcast to one listener, 256 at once, then awaited',
    contenders: [...happen({ automatic: thrice, explicit: thrice }), moleculer, eventEmitter3, mitt],
    reference: moleculer.name,
    absent: [],
  },
  {
    name: 'flow',
    title: 'request and answer through three steps at one node (Moleculer: before hook, action, after hook)',
    contenders: [...happen(), moleculer],
    reference: moleculer.name,
    absent: emitters('listeners hand nothing on to one another'),
  },
  {
    name: 'chain',
    title: 'a request whose handler asks a second node, whose handler asks a third; the third checks its causes',
    contenders: [...happen(), moleculer],
    reference: moleculer.name,
    absent: emitters('an emitter hands no answer back'),
  },
  {
    name: 'batch-64',
    title:
      '64 events sent as one batch, and its answer awaited (singly, and Moleculer: 64 requests in one turn, and all their answers)',
    contenders: [
      ...happen(),
      { name: 'Happen, singly', library: 'happen', setting: { ...production, way: 'singly' } },
      moleculer,
      moleculerList,
    ],
    reference: moleculer.name,
    absent: emitters('an emitter hands no answer back'),
  },
  {
    name: 'fan-out-16',
    title: 'one event sent to 16 nodes, and all their answers awaited (Moleculer: 16 calls)',
    contenders: [...happen(), moleculer],
    reference: moleculer.name,
    absent: emitters('an emitter hands no answer back'),
  },
  {
    name: 'nodes-1000',
    title: 'request and answer, one after the other, to each of 1000 nodes in turn',
    contenders: [...happen(), moleculer],
    reference: moleculer.name,
    absent: emitters('an emitter hands no answer back'),
  },
  {
    name: 'create-nodes-1000',
    title: '1000 nodes with a handler each are made, the last of them is asked, and all are closed',
    contenders: [...happen(), moleculer],
    reference: moleculer.name,
    absent: emitters('an emitter has nothing to start or to close'),
  },
  {
    name: 'stream-10000',
    title: 'a node answers with a generator of 10000 items, which the asker takes one by one (others: without a node)',
    contenders: [...happen(), generator, readable],
    reference: readable.name,
    absent: [
      { name: moleculer.name, why: 'hands a Node stream on as it is: see Readable.from' },
      ...emitters('listeners are not asked for more'),
    ],
  },
  {
    name: 'request-development',
    title: 'what development mode costs: payloads checked and frozen, answers checked and copied',
    contenders: [
      {
        name: 'Happen, development',
        library: 'happen',
        setting: { tracking: 'automatic', environment: 'development' },
      },
      { name: 'Happen, production', library: 'happen', setting: production },
    ],
    reference: 'Happen, production',
    absent: [],
  },
  {
    name: 'hub-request',
    title: 'request and answer across two spaces, about 200 B, one after the other',
    contenders: [...happen(), moleculer],
    reference: moleculer.name,
    absent: emitters('an emitter stays within its process'),
  },
  {
    name: 'hub-request-256',
    title: 'request and answer across two spaces, about 200 B, 256 in flight',
    contenders: [...happen(), moleculer],
    reference: moleculer.name,
    absent: emitters('an emitter stays within its process'),
  },
  {
    name: 'hub-one-way',
    title: 'one way across two spaces, about 200 B, 256 at once, until all have been received',
    contenders: [...happen(), moleculer],
    reference: moleculer.name,
    absent: emitters('an emitter stays within its process'),
  },
  {
    name: 'nats-request',
    title: 'request and answer between two processes over NATS, about 200 B, one after the other',
    contenders: [...happenOverNats(atLeast(0.9)), moleculerOverNats, clientAlone, clientAndMessagePack],
    reference: clientAlone.name,
    absent: [],
  },
  {
    name: 'nats-request-256',
    title: 'request and answer between two processes over NATS, about 200 B, 256 in flight',
    contenders: [...happenOverNats(atLeast(1.5)), moleculerOverNats, clientAlone, clientAndMessagePack],
    reference: moleculerOverNats.name,
    absent: [],
  },
  {
    name: 'nats-one-way',
    title: 'one way between two processes over NATS, about 200 B, until all have been received',
    contenders: [...happenOverNats(atLeast(1.5)), moleculerOverNats, clientAndMessagePack, clientAndBytes],
    reference: clientAndMessagePack.name,
    absent: [],
  },
];

/** The rows that need a NATS server. */
export function needsNats({ contenders }: Row): boolean {
  return contenders.some(({ setting }) => setting.party !== undefined);
}
