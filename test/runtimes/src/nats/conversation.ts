/** One end asks everything of the other, and says what it found as data. */
import { type Causal, type HappenSpace, isHappenError, type Node } from 'happen';

export interface Findings {
  readonly [name: string]: unknown;
}

let conversations = 0;

export async function converse(happen: HappenSpace, node: Node, other: string): Promise<Findings> {
  const ask = (type: string, payload?: unknown): Promise<unknown> => node.send(other, { type, payload }).return();
  return {
    health: happen.health().status,
    answer: told(
      await ask('echo', { text: 'ünï 😀', big: 2n ** 70n, date: new Date(0), bytes: new Uint8Array([0, 255]) }),
    ),
    failure: await failureOf(ask('reserve')),
    nobody: await failureOf(node.send('nobody', { type: 'echo' }).return()),
    timeout: await failureOf(node.send(other, { type: 'never' }, { timeout: 20 }).return()),
    stream: await consumeSlowly(node, other),
    heard: await spread(node, other),
    causes: await causes(node, other),
    large: await sendLarge(node, other),
  };
}

/** Takes three of a stream that has no end, waits until its producer stands still, and leaves. */
async function consumeSlowly(node: Node, other: string): Promise<unknown> {
  const taken: unknown[] = [];
  let standsStill = -1;
  for await (const item of node.send(other, { type: 'count' })) {
    taken.push(item);
    if (taken.length < 3) continue;
    standsStill = await whenStill(() => node.send(other, { type: 'produced' }));
    break;
  }
  return { taken, bounded: standsStill < 1_000, ended: await node.send(other, { type: 'ended' }) };
}

async function whenStill(read: () => PromiseLike<unknown>): Promise<number> {
  let before: unknown;
  for (let same = 0; same < 10; ) {
    const now = await read();
    same = now === before ? same + 1 : 0;
    before = now;
  }
  return before as number;
}

/** What is asked later arrives later, so whoever has answered has heard. */
async function spread(node: Node, other: string): Promise<unknown> {
  const mark = `${node.id} ${++conversations}`;
  await node.broadcast({ type: 'news.flash', payload: mark }).sent();
  await node.broadcast({ type: 'gossip', payload: mark }).sent();
  const heard = (await node.send(other, { type: 'heard' })) as readonly (readonly [type: string, mark: string])[];
  return heard.filter((each) => each[1] === mark).map(([type]) => type);
}

/** An event that makes the other one ask back: what the two say of where they come from. */
async function causes(node: Node, other: string): Promise<unknown> {
  const asked = await node.send(other, { type: 'ask back', payload: node.id });
  const { first, second } = asked as Record<'first' | 'second', Causal>;
  return {
    senders: [first.sender === node.id, second.sender === other],
    caused: second.causationId === first.id,
    correlated: second.correlationId === first.correlationId,
    deeper: second.depth - first.depth,
  };
}

/** Longer than a server takes at once. */
async function sendLarge(node: Node, other: string): Promise<unknown> {
  const bytes = new Uint8Array(3_000_000);
  for (let index = 0; index < bytes.length; index++) bytes[index] = (index * 31 + (index >> 8)) & 255;
  const back = (await node.send(other, { type: 'echo', payload: bytes })) as Uint8Array;
  return back.length === bytes.length && back.every((byte, index) => byte === bytes[index]);
}

async function failureOf(answer: Promise<unknown>): Promise<unknown> {
  try {
    return { answered: await answer };
  } catch (error) {
    if (!isHappenError(error)) return String(error);
    const cause = error.cause as (Error & { code?: unknown; details?: unknown }) | undefined;
    if (!(cause instanceof Error) || isHappenError(cause)) return error.code;
    return [error.code, cause.name, cause.message, cause.code, cause.details];
  }
}

function told(value: unknown): unknown {
  const { big, date, bytes, ...rest } = value as { big: bigint; date: Date; bytes: Uint8Array };
  return { ...rest, big: String(big), date: date.toISOString(), bytes: Array.from(bytes) };
}
