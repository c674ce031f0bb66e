/**
 * The steps of one flow, one after the other: in a loop while they are synchronous, from a promise's callback after each that
 * is not.
 */
import type { HappenError } from '../errors/happen-error.js';
import { monotonic } from '../ports/monotonic.js';
import { FlowRecord } from './flow-record.js';
import { FlowRefusal } from './flow-watching.js';
import { handedOver, isPromiseLike, isStream } from './outcome.js';
import type { AnyStep } from './step.js';
import type { StreamIterator } from './stream-source.js';

// only compared, never called
const nativeThen: unknown = Promise.prototype.then;

/** A purely synchronous flow looks at the clock after this many steps, and yields when it has run for 10 ms. */
const stepsBetweenLooks = 64;
const longestRunMs = 10;

export function runIntercepted(flow: FlowRecord): void {
  const { host, handled } = FlowRecord.deliveryOf(flow);
  try {
    FlowRecord.watch(flow, host.flowInterceptor?.begin(host.id, handled, flow));
  } catch (refusal) {
    FlowRecord.complete(flow, new FlowRefusal(refusal as HappenError), true);
    return;
  }
  runWatched(flow);
}

function runWatched(flow: FlowRecord): void {
  const watching = FlowRecord.watchingOf(flow);
  if (watching === undefined) runSteps(flow);
  else watching.within(runSteps, flow);
}

export function runSteps(flow: FlowRecord): void {
  const delivery = FlowRecord.deliveryOf(flow);
  let steps = 0;
  let startedAt = 0;
  for (;;) {
    let outcome: unknown;
    try {
      outcome = FlowRecord.runStep(flow);
      if (typeof outcome === 'object' && outcome !== null) {
        if (isPromiseLike(outcome)) {
          awaitOutcome(flow, outcome);
          return;
        }
        if (isStream(outcome)) {
          outcome = drainOrHandOver(flow, outcome);
          if (outcome === handedOver) return;
          if (outcome instanceof Promise) {
            awaitOutcome(flow, outcome);
            return;
          }
        }
      }
    } catch (thrown) {
      FlowRecord.complete(flow, thrown, true);
      return;
    }
    if (typeof outcome === 'function') {
      FlowRecord.continueWith(flow, outcome as AnyStep);
      if (++steps % stepsBetweenLooks !== 0 || delivery.atOnce) continue;
      const now = monotonic(delivery.host.clock);
      if (startedAt === 0) startedAt = now;
      if (now - startedAt < longestRunMs) continue;
      delivery.host.clock.setTimer(0, () => resumeSteps(flow, false));
      return;
    }
    FlowRecord.complete(flow, outcome, false);
    return;
  }
}

/** A foreign `then` may call back twice or at once, or throw: a promise around it makes one later outcome of that. */
function awaitOutcome(flow: FlowRecord, outcome: PromiseLike<unknown>): void {
  const isNative = outcome instanceof Promise && outcome.then === nativeThen;
  void (isNative ? (outcome as Promise<unknown>) : new Promise((resolve) => resolve(outcome))).then(
    (value) => settleStep(flow, value, false),
    (thrown: unknown) => settleStep(flow, thrown, true),
  );
}

function settleStep(flow: FlowRecord, value: unknown, thrown: boolean): void {
  const delivery = FlowRecord.deliveryOf(flow);
  const { tracksPromises } = delivery.host;
  if (!thrown && typeof value === 'function') {
    FlowRecord.continueWith(flow, value as AnyStep);
    resumeSteps(flow, tracksPromises);
    return;
  }
  if (!thrown && typeof value === 'object' && value !== null && settledWithStream(flow, value)) return;
  FlowRecord.complete(flow, value, thrown);
  FlowRecord.tellOutcome(flow);
  delivery.resumeAfter();
}

/** @returns whether the value is a stream, and the flow goes on with it as one */
function settledWithStream(flow: FlowRecord, value: object): boolean {
  const delivery = FlowRecord.deliveryOf(flow);
  try {
    if (!isStream(value)) return false;
    // As a step of its own, so that it is looked at where steps are.
    FlowRecord.continueWith(flow, () => value);
  } catch (thrown) {
    FlowRecord.continueWith(flow, () => {
      throw thrown;
    });
  }
  resumeSteps(flow, delivery.host.tracksPromises);
  return true;
}

/** A generator that runs to its end may come to another one. */
function drainOrHandOver(flow: FlowRecord, stream: object): unknown {
  const delivery = FlowRecord.deliveryOf(flow);
  let outcome: unknown = stream;
  while (typeof outcome === 'object' && outcome !== null && !isPromiseLike(outcome) && isStream(outcome)) {
    outcome = delivery.streamed(flow, outcome as StreamIterator);
  }
  return typeof outcome === 'object' && outcome !== null && isPromiseLike(outcome) ? Promise.resolve(outcome) : outcome;
}

/** @param tracked whether the tracker knows already that the flow is the current one */
function resumeSteps(flow: FlowRecord, tracked: boolean): void {
  const delivery = FlowRecord.deliveryOf(flow);
  if (tracked) runSteps(flow);
  else delivery.host.tracker.run(flow, runWatched, flow);
  if (FlowRecord.isRunning(flow)) return;
  FlowRecord.tellOutcome(flow);
  delivery.resumeAfter();
}
