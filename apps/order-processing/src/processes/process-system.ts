import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { startServer } from '@happen/nats-server';
import { createFrontDesk } from '../nodes/front-desk.js';
import { patientWithProcesses } from '../nodes/asking.js';
import { machinePause } from '../nodes/pause.js';
import { UsageError } from '../options.js';
import type { OrderSystem, SystemSettings } from '../order-system.js';
import { type Knowledge, partNames } from '../parts.js';
import { openShop } from '../space.js';
import { mergedEmissions } from '../trace/emission-recorder.js';
import { openAt } from './open-at.js';
import { type PartChild, startPart } from './part-child.js';

/** What it takes to run each part of the shop in a process of its own. */
export interface ProcessSettings extends SystemSettings {
  /** Where NATS servers are; without them one is started for the run. */
  readonly servers: readonly string[] | undefined;
  /** What its recorder keeps. */
  readonly correlationId: string | undefined;
  /** Called with what goes on before the first order is taken. */
  readonly tell: (line: string) => void;
  /** Ends the start. */
  readonly signal: AbortSignal;
}

/**
 * Starts each part of the shop as a process of its own, with NATS between them. The front desk stays here.
 *
 * @throws Error if there is no server, or a process does not come up; nothing is left of it then
 */
export async function createProcessSystem(knowledge: Knowledge, settings: ProcessSettings): Promise<OrderSystem> {
  /** What has been started, and is ended the other way round. */
  const endings: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    return { ...(await start(knowledge, settings, endings)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  knowledge: Knowledge,
  settings: ProcessSettings,
  endings: (() => Promise<unknown>)[],
): Promise<Omit<OrderSystem, 'close'>> {
  const { recorder, onEnding, onFailure, tell, signal, correlationId } = settings;
  const { concurrency, serviceTimeMs, paymentFailureRate, shippingFailureRate, seed } = settings;
  let { servers } = settings;
  if (servers === undefined) {
    const server = await startServer({ jetstream: false, websocket: false, signal });
    endings.push(() => server.stop());
    tell(`nats-server ${server.version} is at ${server.url}`);
    servers = [server.url];
  }
  const meeting = { servers, space: `orders-${randomBytes(8).toString('hex')}` };
  // A node takes 100 requests at once; those behind wait.
  const patience = patientWithProcesses(serviceTimeMs * Math.ceil(concurrency / 100) * 2);

  const happen = openShop(recorder.extension, openAt(meeting));
  endings.push(() => happen.close());
  happen.on('node.error', ({ payload }) => onFailure(`${payload.nodeId}: ${payload.message}`));
  const counter = happen.createNode('ending-counter');
  counter.on('order.fulfilled', ({ payload }) => onEnding({ fulfilled: payload }));
  counter.on('order.rejected', ({ payload }) => onEnding({ rejected: payload }));
  const frontDesk = createFrontDesk(happen, patience, machinePause);
  const where = servers.join(', ');
  await inTime(
    happen.ready(),
    reachingMs,
    signal,
    () => new UsageError(`There is no NATS server at ${where}, or it lets nobody in.`),
  );

  const listener = {
    failed: onFailure,
    died: (part: string, how: string) => onFailure(`${part}: its process ended (${how}).`),
  };
  const children = partNames.map((part): PartChild => {
    // Each knows what it needs, and no more.
    const products = part === 'inventory-service' ? knowledge.products : new Map<never, never>();
    const customers = part === 'notification-service' ? knowledge.customers : new Map<never, never>();
    return startPart(
      {
        kind: 'begin',
        part,
        meeting,
        settings: { concurrency, serviceTimeMs, paymentFailureRate, shippingFailureRate, seed },
        knowledge: { products, customers },
        patience,
        correlationId,
      },
      listener,
    );
  });
  endings.push(() => Promise.all(children.map((child) => child.end())));
  const ready = Promise.all(children.map((child) => child.ready));
  await inTime(ready, startingMs, signal, () => new Error('The processes of the services did not come up.'));
  tell(children.map(({ part, pid }) => `${part} is process ${pid}`).join('\n'));
  for (const child of children) child.open();

  return {
    frontDesk,
    async recorded() {
      return mergedEmissions([recorder, ...(await Promise.all(children.map((child) => child.emissions())))]);
    },
  };
}

/** How long servers may take to be reached, and processes to come up, in milliseconds. */
const reachingMs = 10_000;
const startingMs = 60_000;

/** @throws Error made by `late` when it takes too long; the signal's reason when that aborts */
async function inTime(
  ready: Promise<unknown>,
  timeoutMs: number,
  signal: AbortSignal,
  late: () => Error,
): Promise<void> {
  const waiting = new AbortController();
  const over = pause(timeoutMs, 'over', { signal: AbortSignal.any([waiting.signal, signal]) });
  try {
    if ((await Promise.race([ready, over])) === 'over') throw late();
  } finally {
    waiting.abort();
    over.catch(() => {});
    ready.catch(() => {});
  }
}
