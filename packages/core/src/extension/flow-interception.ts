/** The hooks around flows of several extensions, as one: they begin in the order of installation, and end in the opposite one. */
import type { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import type { FlowRecord } from '../flow/flow-record.js';
import type { FlowInterceptor, FlowWatching } from '../flow/flow-watching.js';
import { lastOf } from '../flow/handled.js';
import type { FlowContext } from '../flow/step.js';
import { type ExtensionFailures, refused } from './extension-failures.js';
import type { InstalledHooks } from './intercept-key.js';
import type { FlowWatch } from './interception.js';

/** Asks each of the extensions that look at flows. */
export function interceptFlows(installed: readonly InstalledHooks[], failures: ExtensionFailures): FlowInterceptor {
  const extensions = installed.filter(({ hooks }) => hooks.flow !== undefined);
  return {
    begin(nodeId, handled, flow) {
      const event = lastOf(handled);
      let watching: WatchedFlow | undefined;
      for (const { name, hooks } of extensions) {
        let watch: FlowWatch | undefined;
        try {
          watch =
            hooks.flow?.({ node: nodeId, type: event.type, handled, context: flow as FlowContext<unknown> }) ??
            undefined;
        } catch (thrown) {
          const error = refused(name, `"${event.type}" at node "${nodeId}"`, thrown);
          watching?.ended(undefined, error);
          throw error;
        }
        if (watch === undefined) continue;
        failures.watch(watch, name, 'flow', nodeId, event);
        watching = new WatchedFlow(watching, watch, name, nodeId, event, failures);
      }
      return watching;
    },
  };
}

class WatchedFlow implements FlowWatching {
  readonly #outer: WatchedFlow | undefined;
  readonly #watch: FlowWatch;
  readonly #extension: string;
  readonly #nodeId: string;
  readonly #event: HappenEvent;
  readonly #failures: ExtensionFailures;

  constructor(
    outer: WatchedFlow | undefined,
    watch: FlowWatch,
    extension: string,
    nodeId: string,
    event: HappenEvent,
    failures: ExtensionFailures,
  ) {
    this.#outer = outer;
    this.#watch = watch;
    this.#extension = extension;
    this.#nodeId = nodeId;
    this.#event = event;
    this.#failures = failures;
  }

  within(run: (flow: FlowRecord) => void, flow: FlowRecord): void {
    const inner = this.#watch.within === undefined ? run : (it: FlowRecord): void => this.#enter(run, it);
    if (this.#outer === undefined) inner(flow);
    else this.#outer.within(inner, flow);
  }

  streaming(): void {
    this.#outer?.streaming();
    this.#call('streaming');
  }

  ended(value: unknown, error: HappenError | undefined): void {
    this.#call('ended', { value, error });
    this.#outer?.ended(value, error);
  }

  #enter(run: (flow: FlowRecord) => void, flow: FlowRecord): void {
    let ran = false;
    let broken: { readonly thrown: unknown } | undefined;
    const part = (): void => {
      if (ran) throw new Error('within() calls its part once, before it returns.');
      ran = true;
      try {
        run(flow);
      } catch (thrown) {
        broken = { thrown };
      }
    };
    try {
      const outcome: unknown = this.#watch.within?.(part);
      if (!ran) throw new Error('within() did not call its part before it returned.');
      this.#failures.watch(outcome, this.#extension, 'flow.within', this.#nodeId, this.#event);
    } catch (thrown) {
      this.#failures.add(this.#extension, 'flow.within', thrown, this.#nodeId, this.#event);
    }
    if (!ran) part();
    // The stack may end within, under a recursion of the user's; that is no failure of the hook.
    if (broken !== undefined) throw (broken as { readonly thrown: unknown }).thrown;
  }

  #call(member: 'streaming'): void;
  #call(member: 'ended', end: { readonly value: unknown; readonly error: HappenError | undefined }): void;
  #call(member: 'streaming' | 'ended', end?: unknown): void {
    try {
      const outcome: unknown = this.#watch[member]?.(end as never);
      this.#failures.watch(outcome, this.#extension, `flow.${member}`, this.#nodeId, this.#event);
    } catch (thrown) {
      this.#failures.add(this.#extension, `flow.${member}`, thrown, this.#nodeId, this.#event);
    }
  }
}
