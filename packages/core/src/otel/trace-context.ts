/** The trace context as it travels in the context of an event, and as it is found while a flow runs. */
import {
  type Context,
  type ContextAPI,
  createContextKey,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import type { HappenEvent } from '../event/event.js';
import type { FlowContext } from '../flow/step.js';

/** Carries trace contexts as text: the API's `propagation`, or a propagator of one's own. */
export type Propagator = Pick<TextMapPropagator, 'inject' | 'extract'>;

const setter: TextMapSetter<Record<string, string>> = {
  set(carrier, key, value) {
    carrier[key] = value;
  },
};

/** What comes off a wire may be anything; a propagator is told of texts only. */
const getter: TextMapGetter<object> = {
  keys: (carrier) => Object.keys(carrier),
  get(carrier, key) {
    const value: unknown = Object.hasOwn(carrier, key) ? (carrier as Record<string, unknown>)[key] : undefined;
    return typeof value === 'string' ? value : undefined;
  },
};

/** Under it an active context names the flow it belongs to. */
const flowKey = createContextKey('happen.flow');
/** Under it a flow keeps its context: a `WeakMap` of flows costs more than everything else here together. */
const contextKey: unique symbol = Symbol('happen.otel');

type TracedFlow = FlowContext<unknown> & { [contextKey]?: Context };

/** What a propagator wants to travel, if anything. */
export function toTravel(propagator: Propagator, context: Context): Record<string, string> | undefined {
  const carrier: Record<string, string> = {};
  propagator.inject(context, carrier, setter);
  for (const _ in carrier) return carrier;
  return undefined;
}

/** What came with an event: its sender's span, and baggage. */
export function arrivedWith(propagator: Propagator, event: HappenEvent): Context {
  return propagator.extract(ROOT_CONTEXT, event.context, getter);
}

/** The different spans in contexts. */
export function spansOf(contexts: readonly Context[]): SpanContext[] {
  const spans = new Map<string, SpanContext>();
  for (const context of contexts) {
    const span = trace.getSpanContext(context);
    if (span !== undefined) spans.set(`${span.traceId}-${span.spanId}`, span);
  }
  return [...spans.values()];
}

export function linksTo(spans: readonly SpanContext[]): Link[] {
  return spans.map((context) => ({ context }));
}

/** The contexts of the flows that run, also where nothing tracks them. */
export class FlowContexts {
  readonly #context: ContextAPI;

  constructor(context: ContextAPI) {
    this.#context = context;
  }

  /** Makes the context a flow runs in. */
  begin(flow: FlowContext<unknown>, context: Context): Context {
    const own = context.setValue(flowKey, flow);
    (flow as TracedFlow)[contextKey] = own;
    return own;
  }

  /**
   * Where something is sent from. In a flow that is the active context, if it belongs to the flow: it may know of spans of
   * the handler's own. Otherwise it is the one the flow was begun in.
   */
  current(flow: FlowContext<unknown> | undefined): Context {
    const active = this.#context.active();
    if (flow === undefined || active.getValue(flowKey) === flow) return active;
    return (flow as TracedFlow)[contextKey] ?? active;
  }

  /** Whether a context belongs to a flow. */
  isOfFlow(context: Context): boolean {
    return context.getValue(flowKey) !== undefined;
  }
}
