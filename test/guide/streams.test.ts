import type { FlowContext, HappenEvent } from '@happen/core';
import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';
import { places } from './places.js';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

async function listOf(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe.each(places)('Streams, $label', ({ open }) => {
  it('a generator handler yields intermediate results, and returns the final one', async () => {
    await using place = open();
    const node = place.createNode('processor');
    const client = place.createNode('client');
    await place.ready();
    node.on('process-large-dataset', async function* processLargeDataset(event: HappenEvent) {
      const { dataset } = event.payload;
      for (let i = 0; i < dataset.length; i += 100) {
        const chunk = dataset.slice(i, i + 100);
        const results = await processChunk(chunk);
        yield { progress: Math.min(100, Math.round(((i + chunk.length) / dataset.length) * 100)), results };
      }
      return { status: 'complete' };
    });
    const processChunk = async (chunk: number[]) => chunk.length;

    const payload = { dataset: Array.from({ length: 250 }, (_, i) => i) };
    const stream = await client.send(node, { type: 'process-large-dataset', payload });

    expect(await listOf(stream)).toEqual([
      { progress: 40, results: 100 },
      { progress: 80, results: 100 },
      { progress: 100, results: 50 },
    ]);
    expect(await stream.result).toEqual({ status: 'complete' });
  });

  it('a generator handler consumes the stream of another node and yields on', async () => {
    await using place = open();
    const processorNode = place.createNode('processor');
    const clientNode = place.createNode('client');
    const userNode = place.createNode('user');
    await place.ready();
    processorNode.on('process-large-dataset', async function* ({ payload }) {
      for (const item of payload.dataset) yield { progress: item, results: [item] };
    });
    clientNode.on('process-dataset', async function* handleDatasetProcessing(event: HappenEvent) {
      const processingEvent = { type: 'process-large-dataset', payload: { dataset: event.payload.dataset } };
      const processingStream = await clientNode.send(processorNode, processingEvent);
      for await (const update of processingStream) {
        yield { status: 'processing', progress: update.progress, resultsCount: update.results.length };
      }
      return { status: 'complete', message: 'Dataset processing complete' };
    });
    const event = { type: 'process-dataset', payload: { dataset: [50, 100] } };

    expect(await listOf(userNode.send(clientNode, event))).toEqual([
      { status: 'processing', progress: 50, resultsCount: 1 },
      { status: 'processing', progress: 100, resultsCount: 1 },
    ]);
    expect(await userNode.send(clientNode, event).return()).toMatchObject({ status: 'complete' });
  });

  it('a broadcast starts the generator of its sender, and the subscribers iterate over its stream', async () => {
    await using place = open();
    const monitorNode = place.createNode('monitor');
    const dashboardNode = place.createNode('dashboard');
    const otherNode = place.createNode('other-dashboard');
    await place.ready();
    let collected = 0;
    monitorNode.on('system-metrics', async function* generateMetrics() {
      while (true) {
        yield { load: ++collected };
        await sleep(1);
      }
    });
    const shown = new Arrivals<string>();
    for (const node of [dashboardNode, otherNode]) {
      node.on('system-metrics', async function processMetrics(metricsStream) {
        for await (const metrics of metricsStream) {
          shown.add(`${node.id} ${metrics.load}`);
          if (metrics.load === 3) break;
        }
      });
    }
    await place.ready();

    monitorNode.broadcast({ type: 'system-metrics' });

    const all = await shown.atLeast(6);
    expect([...all].sort()).toEqual(
      [
        'dashboard 1',
        'dashboard 2',
        'dashboard 3',
        'other-dashboard 1',
        'other-dashboard 2',
        'other-dashboard 3',
      ].sort(),
    );
  });

  it('a large dataset is processed in chunks, and each chunk tells the progress', async () => {
    await using place = open();
    const orderNode = place.createNode('orders');
    const client = place.createNode('client');
    await place.ready();
    const processed: number[] = [];
    orderNode.on('process-batch', async function* processBatch(event: HappenEvent) {
      const { items } = event.payload;
      for (let i = 0; i < items.length; i += 100) {
        const chunk = items.slice(i, i + 100);
        for (const item of chunk) processed.push(item);
        yield { progress: Math.round(((i + chunk.length) / items.length) * 100), processed: i + chunk.length };
      }
      return { completed: true };
    });
    const payload = { items: Array.from({ length: 200 }, (_, i) => i) };

    const stream = await client.send(orderNode, { type: 'process-batch', payload });

    expect(await listOf(stream)).toEqual([
      { progress: 50, processed: 100 },
      { progress: 100, processed: 200 },
    ]);
    expect(await stream.result).toEqual({ completed: true });
    expect(processed).toEqual(payload.items);
  });

  it('an import tells its progress while it reads a file piece by piece', async () => {
    await using place = open();
    const importNode = place.createNode('import');
    const client = place.createNode('client');
    await place.ready();
    importNode.on('import-file', async function* importFile(event: HappenEvent) {
      const reader = createFileReader(event.payload.lines);
      let linesProcessed = 0;
      while (!reader.eof()) {
        const chunk = await reader.readChunk(2);
        linesProcessed += chunk.length;
        yield {
          progress: Math.round((linesProcessed / event.payload.lines.length) * 100),
          recordsProcessed: chunk.length,
        };
      }
      return { status: 'complete', totalRecords: linesProcessed };
    });
    function createFileReader(lines: string[]) {
      let at = 0;
      return {
        eof: () => at >= lines.length,
        readChunk: async (count: number) => lines.slice(at, (at += count)),
      };
    }

    const stream = await client.send(importNode, { type: 'import-file', payload: { lines: ['a', 'b', 'c', 'd'] } });

    expect(await listOf(stream)).toEqual([
      { progress: 50, recordsProcessed: 2 },
      { progress: 100, recordsProcessed: 2 },
    ]);
    expect(await stream.result).toEqual({ status: 'complete', totalRecords: 4 });
  });

  it('a continuous stream cleans up in its finally when its consumer leaves', async () => {
    await using place = open();
    const sensorNode = place.createNode('sensors');
    const client = place.createNode('client');
    await place.ready();
    const disconnected = new Arrivals<string>();
    sensorNode.on('monitor-sensors', async function* monitorSensors(event: HappenEvent) {
      const sensors = event.payload.sensorIds.map((id: string) => connectToSensor(id));
      try {
        while (true) {
          const readings = await Promise.all(sensors.map((sensor: Sensor) => sensor.getReading()));
          yield { readings };
          await sleep(1);
        }
      } finally {
        for (const sensor of sensors) sensor.disconnect();
      }
    });
    type Sensor = ReturnType<typeof connectToSensor>;
    const connectToSensor = (id: string) => ({
      getReading: async () => `${id}: 20`,
      disconnect: () => disconnected.add(id),
    });

    const payload = { sensorIds: ['s1', 's2'] };
    let readings = 0;
    for await (const reading of client.send(sensorNode, { type: 'monitor-sensors', payload })) {
      expect(reading).toEqual({ readings: ['s1: 20', 's2: 20'] });
      if (++readings === 3) break;
    }

    expect([...(await disconnected.atLeast(2))].sort()).toEqual(['s1', 's2']);
  });

  it('the pages of an API are fetched one after another, as their records are wanted', async () => {
    await using place = open();
    const apiNode = place.createNode('api');
    const client = place.createNode('client');
    await place.ready();
    apiNode.on('fetch-all-records', async function* fetchAllRecords(event: HappenEvent) {
      const { pageSize = 2 } = event.payload;
      let page = 1;
      let hasMore = true;
      let totalRecords = 0;
      while (hasMore) {
        const data = await fetchPage(page, pageSize);
        totalRecords += data.records.length;
        yield { page, records: data.records, totalRecords, hasMore: data.hasMore };
        hasMore = data.hasMore;
        page++;
        if (hasMore) await sleep(1);
      }
    });
    const records = ['a', 'b', 'c'];
    const fetchPage = async (page: number, size: number) => ({
      records: records.slice((page - 1) * size, page * size),
      hasMore: page * size < records.length,
    });

    expect(await listOf(client.send(apiNode, { type: 'fetch-all-records', payload: {} }))).toEqual([
      { page: 1, records: ['a', 'b'], totalRecords: 2, hasMore: true },
      { page: 2, records: ['c'], totalRecords: 3, hasMore: false },
    ]);
  });

  it('a batch handler that is a generator yields its progress', async () => {
    await using place = open();
    const node = place.createNode('node');
    const client = place.createNode('client');
    await place.ready();
    node.on('high-volume-data', function* (eventOrEvents: HappenEvent | HappenEvent[], _context: FlowContext) {
      if (!Array.isArray(eventOrEvents)) return { results: [eventOrEvents.payload] };
      let results: number[] = [];
      const batchSize = 2;
      for (let i = 0; i < eventOrEvents.length; i += batchSize) {
        const chunk = eventOrEvents.slice(i, i + batchSize);
        results = results.concat(chunk.map(({ payload }) => payload * 10));
        if (i + batchSize < eventOrEvents.length) {
          yield { progress: Math.round(((i + batchSize) / eventOrEvents.length) * 100) };
        }
      }
      return { results };
    });
    const batch = [1, 2, 3, 4].map((payload) => ({ type: 'high-volume-data', payload }));

    const stream = await client.send(node, batch);

    expect(await listOf(stream)).toEqual([{ progress: 50 }]);
    expect(await stream.result).toEqual({ results: [10, 20, 30, 40] });
  });
});
