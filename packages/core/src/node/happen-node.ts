/**
 * What users hold of a node. `context.node` is the same object seen through a flow: an object that inherits from it and
 * carries the flow, so whatever hangs on the node is visible there too; private members, which it would not have, are not
 * used here. A user's own properties may take any name that is not a method here.
 */
import { HappenError } from '../errors/happen-error.js';
import type { HappenEvent, Outgoing } from '../event/event.js';
import type { Identity } from '../identity/identity.js';
import { checkOutgoing, type StampSupport, stamp } from '../event/stamp.js';
import { FlowRecord } from '../flow/flow-record.js';
import { checkBatchLength, runsOfOneType } from '../talk/batch.js';
import type { Emitter } from '../talk/emitter.js';
import type { BroadcastOptions, SendOptions } from '../talk/options.js';
import type { BroadcastHandle, SendHandle } from '../talk/send-handle.js';
import type { NodeCore } from './node-core.js';

/** What stands behind a node. */
export interface NodeInside {
  readonly core: NodeCore;
  readonly emitter: Emitter;
  readonly stampSupport: StampSupport;
  checkOpen(flow: FlowRecord | undefined): void;
  /** @param flow the one that it is called in */
  close(core: NodeCore, flow: FlowRecord | undefined): Promise<void>;
}

const insideKey: unique symbol = Symbol('happen.node');
const flowKey: unique symbol = Symbol('happen.flow');

type Target = string | { readonly id: string };

export class HappenNode {
  readonly id: string;
  declare readonly [insideKey]: NodeInside;
  declare readonly [flowKey]?: FlowRecord;

  constructor(inside: NodeInside) {
    this.id = inside.core.id;
    Object.defineProperty(this, insideKey, { value: inside });
    inside.core.bind = (flow) => {
      const view = Object.create(this) as { [flowKey]: FlowRecord };
      view[flowKey] = flow;
      return view;
    };
  }

  // Static, so that no name is taken from the user's own.

  static emitterOf(node: HappenNode): Emitter {
    return node[insideKey].emitter;
  }

  /** To each of the nodes: from the handling node inside a flow, else from each to itself. */
  static sendToAll(
    nodes: readonly HappenNode[],
    event: unknown,
    options: SendOptions | undefined,
  ): SendHandle<unknown> {
    const targets = nodes.map((node) => node[insideKey].core);
    const emitter = HappenNode.emitterOf(nodes[0] as HappenNode);
    const flow =
      nodes.find((node) => node[flowKey] !== undefined)?.[flowKey] ?? nodes[0]?.[insideKey].core.tracker.current();
    if (flow === undefined) return emitter.sendToSelves(targets, event as Outgoing, options);
    return emitter.send(FlowRecord.deliveryOf(flow).host, flow, targets, event as Outgoing, options);
  }

  get identity(): Identity {
    return this[insideKey].core.identity;
  }

  on(pattern: unknown, handler: unknown, options?: unknown): () => void {
    return this[insideKey].core.registrations.add(pattern, handler, options);
  }

  send(target: unknown, event?: unknown, options?: SendOptions): SendHandle<unknown> {
    const { core, emitter } = this[insideKey];
    const flow = this[flowKey] ?? core.tracker.current();
    if (event === undefined) return emitter.send(core, flow, core, target as Outgoing, options);
    return emitter.send(core, flow, target as Target, event as Outgoing, options);
  }

  broadcast(event: unknown, options?: BroadcastOptions): BroadcastHandle {
    const { core, emitter } = this[insideKey];
    return emitter.broadcast(core, this[flowKey] ?? core.tracker.current(), event as Outgoing, options);
  }

  /** Runs each type's events as one run; several types give the list of their results. */
  async process(eventOrEvents: unknown): Promise<unknown> {
    const { core } = this[insideKey];
    if (!Array.isArray(eventOrEvents)) return run(core, stampHere(this, eventOrEvents));
    if (eventOrEvents.length === 0) checkBatchLength(0);
    const runs = runsOfOneType(eventOrEvents.map((one) => stampHere(this, one)));
    for (const { length } of runs) checkBatchLength(length);
    const results = await Promise.all(runs.map((events) => run(core, Object.freeze(events))));
    return results.length === 1 ? results[0] : results;
  }

  processSync(outgoing: unknown): HappenEvent {
    const { core, stampSupport } = this[insideKey];
    const event = stampHere(this, outgoing);
    let outcome: { readonly value: unknown } | { readonly error: HappenError } | undefined;
    const reply = {
      resolve(value: unknown): void {
        outcome ??= { value };
      },
      reject(error: HappenError): void {
        outcome ??= { error };
      },
    };
    const delivery = core.runNow(event, reply, true);
    if (delivery !== undefined && !delivery.ended) throw asynchronous(event.type, delivery.stepName);
    if (outcome !== undefined && 'error' in outcome) throw outcome.error;
    return stamp(stampSupport, core, { type: event.type }, outcome?.value, event, core.clock.now(), undefined);
  }

  close(): Promise<void> {
    const { core, close } = this[insideKey];
    return close(core, this[flowKey] ?? core.tracker.current());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Past the checks that hold for what is sent: the payload stays the caller's own object. */
function stampHere(node: HappenNode, outgoing: unknown): HappenEvent {
  const { core, stampSupport, checkOpen } = node[insideKey];
  const flow = node[flowKey] ?? core.tracker.current();
  checkOpen(flow);
  checkOutgoing(outgoing);
  const cause = flow === undefined ? undefined : FlowRecord.deliveryOf(flow).handled;
  return stamp(stampSupport, core, outgoing, outgoing.payload, cause, core.clock.now(), core.id);
}

function run(core: NodeCore, handled: HappenEvent | readonly HappenEvent[]): Promise<unknown> {
  return new Promise((resolve, reject) => core.runNow(handled, { resolve, reject }));
}

function asynchronous(type: string, step: string): HappenError {
  return new HappenError(
    'HAPPEN_ASYNCHRONOUS_STEP',
    `processSync("${type}") can't wait: the step "${step}" is asynchronous. Use process() instead.`,
    { details: { type, step } },
  );
}
