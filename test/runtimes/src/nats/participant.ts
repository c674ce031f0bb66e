/**
 * What one end of a space over NATS does: the same in a page, in a Web Worker and in every other runtime. It answers, asks the
 * other end itself when it is asked to, and leaves when it is told to.
 */
import { type HappenConfig, initializeHappen, type Outgoing } from 'happen';
import { type Findings, converse } from './conversation.js';

/** What is there of an end that has left. */
export interface Farewell {
  readonly unfinished: number;
  readonly statuses: readonly string[];
}

/** An end that is there at once, and can be reached once it is ready. */
export interface Participant {
  readonly happen: ReturnType<typeof initializeHappen>;
  readonly statuses: readonly string[];
  /** Asks as the node of this end. */
  ask(other: string, event: Outgoing): Promise<unknown>;
  /** What the other end does when it is asked everything. */
  converse(other: string): Promise<Findings>;
  leave(): Promise<Farewell>;
  /** Resolves when it has left, or was told to by the other end and has. */
  readonly left: Promise<Farewell>;
}

const mebibyte = 1_048_576;

export function takePart(id: string, nats: HappenConfig['nats']): Participant {
  const happen = initializeHappen({
    ...(nats === undefined ? {} : { nats }),
    limits: { maxFrameBytes: 8 * mebibyte, maxPayloadBytes: 7 * mebibyte },
  });
  const statuses: string[] = [];
  const heard: unknown[] = [];
  happen.on('system.connection-status', ({ payload }) => void statuses.push(payload.status));
  const node = happen.createNode(id);
  const streams = new Map<string, { produced: number; hasEnded: Promise<true> }>();
  let leave = (): void => {};
  const told = new Promise<void>((resolve) => (leave = resolve));

  node.on('echo', ({ payload }) => payload);
  node.on('reserve', () => {
    throw Object.assign(new RangeError('only 3 are left'), { code: 'OUT_OF_STOCK', details: { left: 3 } });
  });
  node.on('never', () => told);
  // A stream for each who asks for one, without an end.
  node.on('count', async function* ({ context: { causal } }) {
    let end = (_: true): void => {};
    const stream = { produced: 0, hasEnded: new Promise<true>((resolve) => (end = resolve)) };
    streams.set(causal.sender, stream);
    try {
      while (true) yield stream.produced++;
    } finally {
      end(true);
    }
  });
  node.on('produced', ({ context: { causal } }) => streams.get(causal.sender)?.produced);
  node.on('ended', ({ context: { causal } }) => streams.get(causal.sender)?.hasEnded);
  node.on('news.*', ({ type, payload }) => void heard.push([type, payload]));
  node.on('heard', () => heard);
  node.on('causes', ({ context: { causal } }) => causal);
  // By `context.node`, which carries causes in every runtime.
  node.on('ask back', async (event, context) => {
    const asked = await context.node.send(event.payload as string, { type: 'causes' });
    return { first: event.context.causal, second: asked };
  });
  node.on('statuses', () => statuses);
  node.on('converse', ({ payload }) => converse(happen, node, payload as string));
  node.on('leave', () => leave());

  const left = told.then(async () => {
    const { unfinished } = await happen.close();
    return { unfinished: unfinished.length, statuses };
  });
  return {
    happen,
    statuses,
    ask: (other, event) => node.send(other, event).return(),
    converse: (other) => converse(happen, node, other),
    leave() {
      leave();
      return left;
    },
    left,
  };
}
