import {
  type Attributes,
  context as contextApi,
  type Histogram,
  type Meter,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import type { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import { isReserved } from '../event/event-type.js';
import { defineExtension } from '../extension/define-extension.js';
import type { Extension } from '../extension/extension.js';
import type { EmissionWatch, FlowWatch, InterceptedEmission, InterceptedFlow } from '../extension/interception.js';
import { eventAttributes, names, type Operation, operationAttributes } from './attributes.js';
import { arrivedWith, FlowContexts, linksTo, type Propagator, spansOf, toTravel } from './trace-context.js';

/** What may be set of `otel()`. */
export interface OtelOptions {
  /** Makes the spans. @default `trace.getTracer('@happen/core')`, the one that was registered */
  readonly tracer?: Tracer;
  /**
   * Measures durations, in seconds: `messaging.client.operation.duration` of emissions, until the answer if one was asked
   * for, and `messaging.process.duration` of flows. @default nothing is measured
   */
  readonly meter?: Meter;
  /** Lets trace contexts travel in the context of events. @default `propagation`, as it was registered */
  readonly propagator?: Propagator;
  /** Whether what concerns a type is traced. What is not carries no trace context either. @default everything is */
  readonly filter?: (type: string) => boolean;
}

/**
 * Tells OpenTelemetry what a space does. Without an SDK registered, or with one that samples nothing, it does next to nothing.
 *
 * **Spans.** Each emission is one, of kind producer: `send <type>` or, broadcast, `publish <type>`. It lasts until the answer
 * if one was asked for (`happen.answer.asked`), else until the event is handed over. Each flow is one, of kind consumer:
 * `process <type>`, until the flow is over, a stream of it included. A batch is one of either. The framework’s own events
 * are not traced.
 *
 * **Parents.** The span of an emission is a child of the span that is active where it is sent; in a flow, of the flow’s, also
 * where `context.node` alone knows the flow. It travels in the event’s context (`traceparent`, `tracestate`, `baggage`: what the
 * propagator says), in a process as between processes, and is the parent of the flows that handle the event. A flow whose
 * batch comes from several spans has links to them in place of a parent, and so has an emission that was detached, to the
 * span it was detached from. `causedBy` adds a link to the span that emitted the cause.
 *
 * **In handlers** the flow’s span is active: automatically through `await` with a context manager that does so
 * (`AsyncLocalStorageContextManager`), else in the synchronous part of each step.
 *
 * **Failures** set the status of both spans and `error.type`, which is the code of the `HappenError`; the flow’s records the
 * exception.
 *
 * **Attributes** are those of the semantic conventions for messaging, version 1.38: `messaging.system` (`happen`),
 * `messaging.operation.name`, `messaging.operation.type`, `messaging.destination.name` (the target’s id; for a broadcast, the
 * type), `messaging.message.id`, `messaging.message.conversation_id` (the correlation), `messaging.batch.message_count`,
 * `error.type`; and `happen.event.type`, `happen.event.sender`, `happen.event.depth`, `happen.event.causation_id`,
 * `happen.node.id`, `happen.answer.asked`.
 *
 * @example
 * new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] }).register();
 * const happen = initializeHappen({ extensions: [otel()] });
 */
export function otel(options: OtelOptions = {}): Extension & { readonly members: unknown } {
  return defineExtension({
    name: 'otel',
    install({ clock }) {
      const tracing = new Tracing(options, () => clock.monotonic());
      return {
        flow: (flow) => tracing.flow(flow),
        emission: (emission) => tracing.emission(emission),
      };
    },
  });
}

class Tracing {
  readonly #tracer: Tracer;
  readonly #propagator: Propagator;
  readonly #filter: (type: string) => boolean;
  readonly #now: () => number;
  readonly #flows = new FlowContexts(contextApi);
  readonly #sending: Histogram | undefined;
  readonly #processing: Histogram | undefined;

  constructor(options: OtelOptions, now: () => number) {
    const { tracer, meter, propagator, filter } = options;
    this.#tracer = tracer ?? trace.getTracer('@happen/core');
    this.#propagator = propagator ?? propagation;
    this.#filter = filter ?? (() => true);
    this.#now = now;
    const durations = { unit: 's', advice: { explicitBucketBoundaries: [...secondBuckets] } };
    this.#sending = meter?.createHistogram('messaging.client.operation.duration', {
      description: 'Duration of sending, until the answer if one was asked for.',
      ...durations,
    });
    this.#processing = meter?.createHistogram('messaging.process.duration', {
      description: 'Duration of a flow.',
      ...durations,
    });
  }

  flow({ node, handled, context: flow }: InterceptedFlow): FlowWatch | undefined {
    const events = listOf(handled);
    const last = events[events.length - 1] as HappenEvent;
    const { type } = last;
    if (isReserved(type) || !this.#filter(type)) return undefined;
    const batch = Array.isArray(handled) ? events.length : undefined;
    const attributes = operationAttributes('process', type, node, node, batch);
    const arrived = events.map((event) => arrivedWith(this.#propagator, event));
    const senders = spansOf(arrived);
    const lastArrived = arrived[arrived.length - 1] as (typeof arrived)[number];
    const parent = senders.length > 1 ? trace.deleteSpan(lastArrived) : lastArrived;
    const span = this.#tracer.startSpan(
      `process ${type}`,
      {
        kind: SpanKind.CONSUMER,
        attributes,
        links: senders.length > 1 ? linksTo(senders) : [],
      },
      parent,
    );
    if (batch === undefined && span.isRecording()) span.setAttributes(eventAttributes(last));
    const within = this.#flows.begin(flow, trace.setSpan(parent, span));
    const timer = this.#timer(this.#processing, attributes);
    return {
      within: (part) => contextApi.with(within, part),
      streaming: () => span.addEvent('streaming'),
      ended({ error }) {
        // That the consumer of a stream has had enough is no failure of the stream.
        if (error?.code === 'HAPPEN_CANCELLED') span.addEvent('cancelled');
        else if (error !== undefined) fail(span, error, exceptionOf(error));
        timer?.(error);
        span.end();
      },
    };
  }

  emission(emission: InterceptedEmission): EmissionWatch | undefined {
    const { sender, target, type, events, cause, flow, addContext } = emission;
    if (!this.#filter(type)) return undefined;
    const operation: Operation = target === undefined ? 'publish' : 'send';
    const batch = events.length > 1 ? events.length : undefined;
    const attributes = operationAttributes(operation, type, target ?? type, sender, batch);
    const current = this.#flows.current(flow);
    // No cause, and yet sent from within a flow: detached, so that its trace ends there.
    const isDetached = cause === undefined && this.#flows.isOfFlow(current);
    const others = spansOf([
      ...(isDetached ? [current] : []),
      // The sender has named another cause than what its flow handles.
      ...(cause === undefined || cause.context.causal === flow?.causal ? [] : [arrivedWith(this.#propagator, cause)]),
    ]);
    const parent = isDetached ? trace.deleteSpan(current) : current;
    const span = this.#tracer.startSpan(
      `${operation} ${type}`,
      { kind: SpanKind.PRODUCER, attributes, links: linksTo(others) },
      parent,
    );
    const travelling = toTravel(this.#propagator, trace.setSpan(parent, span));
    if (travelling !== undefined) addContext(travelling);
    const timer = this.#timer(this.#sending, attributes);
    return {
      stamped([event]) {
        if (batch === undefined && event !== undefined && span.isRecording())
          span.setAttributes(eventAttributes(event));
      },
      ended({ asked, error }) {
        span.setAttribute(names.asked, asked);
        if (error !== undefined) fail(span, error);
        timer?.(error);
        span.end();
      },
    };
  }

  /** What records how long it took from now on. */
  #timer(
    histogram: Histogram | undefined,
    attributes: Attributes,
  ): ((error: HappenError | undefined) => void) | undefined {
    if (histogram === undefined) return undefined;
    const begun = this.#now();
    return (error) => {
      const outcome = error === undefined ? attributes : { ...attributes, [names.errorType]: error.code };
      histogram.record(Math.max(0, this.#now() - begun) / 1000, outcome);
    };
  }
}

/** The boundaries that the semantic conventions advise for durations. */
const secondBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const;

function fail(span: Span, error: HappenError, exception?: Error): void {
  span.setAttribute(names.errorType, error.code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  if (exception !== undefined) span.recordException(exception);
}

/** What a step threw, if that is an error: anything else may not even have a text. */
function exceptionOf(error: HappenError): Error {
  return error.cause instanceof Error ? error.cause : error;
}

function listOf(handled: HappenEvent | readonly HappenEvent[]): readonly HappenEvent[] {
  return Array.isArray(handled) ? (handled as readonly HappenEvent[]) : [handled as HappenEvent];
}
