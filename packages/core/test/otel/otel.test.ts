import {
  type Context,
  context,
  type ContextManager,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { initializeHappen, memoryHub, type Space, type SpaceConfig } from '../../src/index.js';
import { otel, type OtelOptions } from '../../src/otel.js';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
// `register` hands the three parts to the API: the tracer provider, a context manager that follows `await`, W3C propagation.
beforeAll(() => provider.register());
afterEach(() => exporter.reset());
afterAll(async () => {
  await provider.shutdown();
  trace.disable();
  context.disable();
  propagation.disable();
});

/** As a page has it: knows what is active until the first `await`. */
function synchronousContexts(): ContextManager {
  let active: Context = ROOT_CONTEXT;
  const manager: ContextManager = {
    active: () => active,
    with(entered, run, receiver, ...parameters) {
      const before = active;
      active = entered;
      try {
        return run.call(receiver as never, ...parameters);
      } finally {
        active = before;
      }
    },
    bind: (_context, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()));
});

function traced(config: SpaceConfig<[]> = {}, options?: OtelOptions): Space {
  const space = initializeHappen({ ...config, extensions: [otel(options)] }) as unknown as Space;
  open.push(space);
  return space;
}

/** Two spaces on a hub, each traced. */
async function twoTraced(): Promise<[Space, Space]> {
  const hub = memoryHub();
  const spaces: [Space, Space] = [traced({ transport: hub.transport() }), traced({ transport: hub.transport() })];
  await Promise.all(spaces.map(({ ready }) => ready()));
  return spaces;
}

/** The ended span of this name, of which there is one. */
function span(name: string): ReadableSpan {
  const found = exporter.getFinishedSpans().filter((each) => each.name === name);
  if (found.length !== 1) {
    const names = exporter.getFinishedSpans().map((each) => each.name);
    throw new Error(`There are ${found.length} spans "${name}" among: ${names.join(', ')}`);
  }
  return found[0] as ReadableSpan;
}

function spans(name: string): ReadableSpan[] {
  return exporter.getFinishedSpans().filter((each) => each.name === name);
}

function isChildOf(child: ReadableSpan, parent: ReadableSpan): boolean {
  return (
    child.parentSpanContext?.spanId === parent.spanContext().spanId &&
    child.spanContext().traceId === parent.spanContext().traceId
  );
}

describe('spans', () => {
  it('are one for an emission and one for the flow it starts, named and described by the conventions', async () => {
    const { createNode } = traced();
    const [shop, billing] = [createNode('shop'), createNode('billing')];
    let id = '';
    billing.on('invoice', (event) => {
      id = event.context.causal.id;
      return 'paid';
    });
    await shop.send(billing, { type: 'invoice' });
    const [sent, processed] = [span('send invoice'), span('process invoice')];
    expect([sent.kind, processed.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CONSUMER]);
    const common = {
      'messaging.system': 'happen',
      'messaging.destination.name': 'billing',
      'messaging.message.id': id,
      'messaging.message.conversation_id': id,
      'happen.event.type': 'invoice',
      'happen.event.sender': 'shop',
      'happen.event.depth': 0,
    };
    expect(sent.attributes).toEqual({
      ...common,
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'happen.node.id': 'shop',
      'happen.answer.asked': true,
    });
    expect(processed.attributes).toEqual({
      ...common,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'happen.node.id': 'billing',
    });
    expect([sent.status.code, processed.status.code]).toEqual([SpanStatusCode.UNSET, SpanStatusCode.UNSET]);
    expect(isChildOf(processed, sent)).toBe(true);
    expect(sent.parentSpanContext).toBeUndefined();
  });

  it('follow the causes through several nodes, in one trace', async () => {
    const { createNode } = traced();
    const [a, b, c] = [createNode('a'), createNode('b'), createNode('c')];
    b.on('first', async () => {
      await Promise.resolve();
      return b.send(c, { type: 'second' });
    });
    c.on('second', async () => {
      await c.broadcast({ type: 'third' }).sent();
      return null;
    });
    a.on('third', () => {});
    await a.send(b, { type: 'first' });
    const chain = ['send first', 'process first', 'send second', 'process second', 'publish third', 'process third'];
    for (const [index, name] of chain.entries()) {
      if (index > 0) expect(isChildOf(span(name), span(chain[index - 1] as string)), name).toBe(true);
    }
    expect(span('process third').attributes['happen.event.depth']).toBe(2);
    expect(span('publish third').attributes).toMatchObject({
      'messaging.destination.name': 'third',
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'happen.event.causation_id': span('send second').attributes['messaging.message.id'],
      'happen.answer.asked': false,
    });
  });

  it('are joined across two spaces by what travels in the context of the event', async () => {
    const [here, there] = await twoTraced();
    const far = there.createNode('far');
    let travelled: unknown;
    far.on('ask', (event) => {
      travelled = event.context['traceparent'];
      return 'answer';
    });
    await here.createNode('near').send('far', { type: 'ask' });
    const [sent, processed] = [span('send ask'), span('process ask')];
    expect(isChildOf(processed, sent)).toBe(true);
    expect(processed.parentSpanContext?.isRemote).toBe(true);
    const { traceId, spanId } = sent.spanContext();
    expect(travelled).toBe(`00-${traceId}-${spanId}-01`);
  });

  it('let the trace state and baggage travel with them', async () => {
    const [here, there] = await twoTraced();
    const far = there.createNode('far');
    let found: unknown;
    far.on('ask', async () => {
      await Promise.resolve();
      found = propagation.getActiveBaggage()?.getEntry('tenant')?.value;
      return trace.getActiveSpan()?.spanContext().traceState?.get('vendor');
    });
    const remote = propagation.extract(context.active(), {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'vendor=value',
      baggage: 'tenant=acme',
    });
    const answer = await context.with(remote, () => here.createNode('near').send('far', { type: 'ask' }).return());
    expect([answer, found]).toEqual(['value', 'acme']);
    expect(span('process ask').spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it('are children of what is active where something is sent', async () => {
    const { createNode } = traced();
    const [a, b] = [createNode('a'), createNode('b')];
    b.on('x', (_, { node }) => {
      const tracer = trace.getTracer('test');
      return tracer.startActiveSpan('own work', async (own) => {
        await Promise.resolve();
        await node.send(a, { type: 'y' });
        own.end();
        return null;
      });
    });
    a.on('y', () => 1);
    await trace.getTracer('test').startActiveSpan('http request', async (own) => {
      await a.send(b, { type: 'x' });
      own.end();
    });
    expect(isChildOf(span('send x'), span('http request'))).toBe(true);
    expect(isChildOf(span('own work'), span('process x'))).toBe(true);
    expect(isChildOf(span('send y'), span('own work'))).toBe(true);
  });

  it('hold for thousands of flows at once, each in its own trace', async () => {
    const { createNode } = traced({ concurrency: { default: { maxConcurrent: 10_000 } } });
    const [a, b, c] = [createNode('a'), createNode('b'), createNode('c')];
    b.on('first', async (event) => {
      await new Promise((resolve) => setTimeout(resolve, event.payload % 7));
      return b.send(c, { type: 'second' });
    });
    c.on('second', async () => {
      await Promise.resolve();
      return trace.getActiveSpan()?.spanContext().traceId;
    });
    const traces = await Promise.all(
      Array.from({ length: 2_000 }, (_, index) => a.send(b, { type: 'first', payload: index })),
    );
    expect(new Set(traces).size).toBe(2_000);
    const parents = new Map(exporter.getFinishedSpans().map((each) => [each.spanContext().spanId, each]));
    for (const each of spans('process second')) {
      const path = [each.name];
      for (
        let at = parents.get(each.parentSpanContext?.spanId ?? '');
        at !== undefined;
        at = parents.get(at.parentSpanContext?.spanId ?? '')
      ) {
        path.push(at.name);
      }
      expect(path).toEqual(['process second', 'send second', 'process first', 'send first']);
    }
  });

  it('follow context.node where nothing tracks what is active', async () => {
    context.disable();
    context.setGlobalContextManager(synchronousContexts());
    try {
      const { createNode } = traced({ causality: { tracking: 'explicit' } });
      const [a, b] = [createNode('a'), createNode('b')];
      const active: (string | undefined)[] = [];
      b.on('wait', (event) => {
        active.push(trace.getActiveSpan()?.spanContext().traceId);
        return async (_event, { node }) => {
          active.push(trace.getActiveSpan()?.spanContext().traceId);
          await Promise.resolve();
          active.push(trace.getActiveSpan()?.spanContext().traceId);
          return node.send(a, { type: `after-${event.payload}` });
        };
      });
      b.on('wait', async () => {});
      a.on('after-1', () => 1);
      a.on('after-2', () => 2);
      await Promise.all([1, 2].map((payload) => a.send(b, { type: 'wait', payload })));
      const [one, two] = [span('send after-1'), span('send after-2')];
      expect(one.spanContext().traceId).not.toBe(two.spanContext().traceId);
      for (const sent of [one, two]) {
        const { traceId } = sent.spanContext();
        expect(spans('process wait').filter((flow) => isChildOf(sent, flow))).toHaveLength(1);
        expect(active.filter((id) => id === traceId)).toHaveLength(2);
      }
      expect(active.filter((id) => id === undefined)).toHaveLength(2);
    } finally {
      context.disable();
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    }
  });

  it('are one for a batch on either side, joined as parent and child when one emission sent it', async () => {
    const [here, there] = await twoTraced();
    there.createNode('far').on('row', () => 'taken');
    await here.createNode('near').send('far', [{ type: 'row' }, { type: 'row' }, { type: 'row' }]);
    const [sent, processed] = [span('send row'), span('process row')];
    expect(isChildOf(processed, sent)).toBe(true);
    for (const each of [sent, processed]) {
      expect(each.attributes['messaging.batch.message_count']).toBe(3);
      expect(each.attributes['messaging.message.id']).toBeUndefined();
      expect(each.links).toEqual([]);
    }
  });

  it('have links in place of a parent where a batch comes from several spans', async () => {
    const { createNode } = traced();
    const [a, b] = [createNode('a'), createNode('b')];
    const received: { readonly type: string; readonly context: object }[] = [];
    a.on('single', (event) => {
      received.push({ type: 'gathered', context: { ...event.context } });
      return null;
    });
    for (let i = 0; i < 3; i++) await b.send(a, { type: 'single' });
    const parents = received.map(({ context }) => (context as Record<string, unknown>)['traceparent']);
    b.on('gathered', () => 'done');
    await b.process(received as never);
    const gathered = span('process gathered');
    expect(gathered.parentSpanContext).toBeUndefined();
    expect(gathered.links.map((link) => `00-${link.context.traceId}-${link.context.spanId}-01`)).toEqual(parents);
  });

  it('end their trace where something is detached, with a link to what it was detached from', async () => {
    const happen = traced();
    const [a, b] = [happen.createNode('a'), happen.createNode('b')];
    b.on('x', async () => {
      await b.send(a, { type: 'loose' }, { detached: true });
      await happen.detached(() => b.send(a, { type: 'looser' }).return());
      return null;
    });
    a.on('loose', () => 1);
    a.on('looser', () => 1);
    await a.send(b, { type: 'x' });
    for (const name of ['send loose', 'send looser']) {
      const { parentSpanContext, links } = span(name);
      expect(parentSpanContext).toBeUndefined();
      expect(links.map((link) => link.context.spanId)).toEqual([span('process x').spanContext().spanId]);
    }
  });

  it('have a link to the cause that is named by causedBy', async () => {
    const { createNode } = traced();
    const [a, b] = [createNode('a'), createNode('b')];
    let earlier: unknown;
    b.on('earlier', (event) => {
      earlier = event;
      return null;
    });
    b.on('later', () => 1);
    await a.send(b, { type: 'earlier' });
    await a.send(b, { type: 'later' }, { causedBy: earlier as never });
    expect(span('send later').links.map(({ context: { spanId } }) => spanId)).toEqual([
      span('send earlier').spanContext().spanId,
    ]);
  });

  it('say why something failed, with its code, and record what was thrown', async () => {
    const [here, there] = await twoTraced();
    there.createNode('far').on('fail', () => {
      throw new RangeError('out of stock');
    });
    const near = here.createNode('near');
    await near.send('far', { type: 'fail' }).catch(() => {});
    await near.send('nobody', { type: 'lost' }).catch(() => {});
    for (const name of ['send fail', 'process fail']) {
      expect(span(name).status).toMatchObject({
        code: SpanStatusCode.ERROR,
        message: expect.stringContaining('out of stock') as string,
      });
      expect(span(name).attributes['error.type']).toBe('HAPPEN_HANDLER_FAILED');
    }
    expect(span('process fail').events).toMatchObject([
      { name: 'exception', attributes: { 'exception.type': 'RangeError', 'exception.message': 'out of stock' } },
    ]);
    expect(span('send fail').events).toEqual([]);
    expect(span('send lost').attributes['error.type']).toBe('HAPPEN_NO_SUCH_NODE');
  });

  it('record anything that is thrown', async () => {
    const { createNode } = traced();
    const node = createNode('a');
    const thrown = [undefined, null, 'text', 7, Symbol('s'), Object.create(null), { toString: null }];
    node.on('fail', (event) => {
      throw thrown[event.payload];
    });
    for (const index of thrown.keys()) await node.send({ type: 'fail', payload: index }).catch(() => {});
    expect(spans('process fail').map(({ status }) => status.code)).toEqual(thrown.map(() => SpanStatusCode.ERROR));
  });

  it('of a stream last until its end, and its code runs in them', async () => {
    const { createNode } = traced();
    const far = createNode('far');
    const active = new Set<string | undefined>();
    far.on('count', async function* () {
      for (let i = 0; i < 3; i++) {
        active.add(trace.getActiveSpan()?.spanContext().spanId);
        await far.send(far, { type: 'step' });
        yield i;
      }
    });
    far.on('step', () => 1);
    const items: number[] = [];
    for await (const item of createNode('near').send(far, { type: 'count' })) {
      items.push(item as number);
      if (items.length < 3) expect(spans('process count')).toEqual([]);
    }
    expect(items).toEqual([0, 1, 2]);
    const flow = span('process count');
    expect(flow.events.map(({ name }) => name)).toEqual(['streaming']);
    expect([...active]).toEqual([flow.spanContext().spanId]);
    expect(spans('send step').every((each) => isChildOf(each, flow))).toBe(true);
    expect(flow.status.code).toBe(SpanStatusCode.UNSET);
  });

  it('of a stream that its consumer leaves are no failures', async () => {
    const { createNode } = traced();
    const [a, b] = [createNode('a'), createNode('b')];
    b.on('count', function* () {
      for (let i = 0; ; i++) yield i;
    });
    for await (const item of a.send(b, { type: 'count' })) if (item === 2) break;
    await a.send(b, { type: 'none' }).catch(() => {});
    const flow = span('process count');
    expect(flow.status.code).toBe(SpanStatusCode.UNSET);
    expect(flow.events.map(({ name }) => name)).toEqual(['streaming', 'cancelled']);
  });

  it('concern neither the framework’s own events nor what a filter leaves out', async () => {
    const { createNode } = traced({}, { filter: (type) => type !== 'secret' });
    const [a, b] = [createNode('a'), createNode('b')];
    b.on('**', (event) => event.context['traceparent'] ?? 'none');
    const heard = new Promise((resolve) => void a.on('node.unhandled', resolve));
    expect(await a.send(b, { type: 'secret' })).toBe('none');
    await a.send(a, { type: 'unheard' }).catch(() => {});
    await heard;
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['send unheard']);
  });

  it('take a trace context that is none for none', async () => {
    const hub = memoryHub();
    const there = traced({ transport: hub.transport() });
    const here = initializeHappen({ transport: hub.transport() });
    open.push(here as never);
    await Promise.all([here.ready(), there.ready()]);
    there.createNode('far').on('x', () => 'fine');
    const near = here.createNode('near');
    for (const traceparent of [7, ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'], 'nonsense', { a: 1 }]) {
      expect(await near.send('far', { type: 'x', context: { traceparent, tracestate: 1, baggage: [] } })).toBe('fine');
    }
    expect(spans('process x').map(({ parentSpanContext }) => parentSpanContext)).toEqual(
      [1, 2, 3, 4].map(() => undefined),
    );
  });

  it('cost a space nothing but calls where no SDK is registered', async () => {
    trace.disable();
    try {
      const { createNode } = traced();
      const node = createNode('a');
      node.on('x', (event) => event.context['traceparent'] ?? 'none');
      expect(await node.send({ type: 'x' })).toBe('none');
      expect(exporter.getFinishedSpans()).toEqual([]);
    } finally {
      trace.setGlobalTracerProvider(provider);
    }
  });
});

describe('durations', () => {
  it('are measured with a meter, in seconds, with the code of a failure', async () => {
    const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 });
    const meters = new MeterProvider({ readers: [reader] });
    const { createNode } = traced({}, { meter: meters.getMeter('test') });
    const [a, b] = [createNode('a'), createNode('b')];
    b.on('work', () => 1);
    b.on('fail', () => {
      throw new Error('no');
    });
    await a.send(b, { type: 'work' });
    await a.send(b, { type: 'work' });
    await a.send(b, { type: 'fail' }).catch(() => {});
    await reader.forceFlush();
    const found = metrics.getMetrics()[0]?.scopeMetrics[0]?.metrics ?? [];
    const summary = found.map(({ descriptor, dataPoints }) => ({
      name: descriptor.name,
      unit: descriptor.unit,
      points: dataPoints.map(({ attributes, value }) => [
        attributes['happen.event.type'],
        attributes['error.type'],
        (value as { count: number }).count,
      ]),
    }));
    const points = [
      ['work', undefined, 2],
      ['fail', 'HAPPEN_HANDLER_FAILED', 1],
    ];
    expect(summary).toEqual([
      { name: 'messaging.client.operation.duration', unit: 's', points },
      { name: 'messaging.process.duration', unit: 's', points },
    ]);
    await meters.shutdown();
  });
});
