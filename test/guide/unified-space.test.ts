import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';
import { places } from './places.js';

describe.each(places)('The unified event space, $label', ({ open }) => {
  it('the exact same code asks a node wherever it lives', async () => {
    await using place = open();
    const orderNode = place.createNode('order-node');
    const inventoryNode = place.createNode('inventory-node');
    await place.ready();
    const shelf = new Map([['book', 3]]);
    inventoryNode.on('check-inventory', (event) => ({
      orderId: event.payload.orderId,
      missing: event.payload.items.filter((item: { id: string; quantity: number }) => {
        return (shelf.get(item.id) ?? 0) < item.quantity;
      }),
      checkedAt: new Date(0),
    }));
    const check = {
      type: 'check-inventory',
      payload: {
        orderId: '123',
        items: [
          { id: 'book', quantity: 2 },
          { id: 'pen', quantity: 1 },
        ],
      },
    };
    const answer = { orderId: '123', missing: [{ id: 'pen', quantity: 1 }], checkedAt: new Date(0) };

    expect(await orderNode.send(inventoryNode, check)).toEqual(answer);
    expect(await orderNode.send('inventory-node', check)).toEqual(answer);
    orderNode.send(inventoryNode, check);
    expect(await orderNode.send(inventoryNode, check).return()).toEqual(answer);
  });

  it('an event that crosses a boundary keeps its whole causal context', async () => {
    await using place = open();
    const userNode = place.createNode('user-node');
    const orderNode = place.createNode('order-node');
    const inventoryNode = place.createNode('inventory-node');
    const shippingNode = place.createNode('shipping-node');
    await place.ready();
    const ids: string[] = [];
    orderNode.on('order', (event) => {
      ids.push(event.context.causal.id);
      return orderNode.send(inventoryNode, { type: 'reserve', payload: event.payload });
    });
    inventoryNode.on('reserve', (event) => {
      ids.push(event.context.causal.id);
      return inventoryNode.send(shippingNode, { type: 'inventory-reserved', payload: event.payload });
    });
    shippingNode.on('inventory-reserved', (event) => {
      ids.push(event.context.causal.id);
      return event.context.causal;
    });

    const causal = await userNode.send(orderNode, {
      type: 'order',
      payload: { orderId: 'order-123', items: [] },
      context: { causal: { correlationId: 'txn-123' } },
    });

    expect(causal).toMatchObject({
      id: ids[2],
      sender: 'inventory-node',
      causationId: ids[1],
      correlationId: 'txn-123',
      path: [
        ['user-node', 'order-node'],
        ['order-node', 'inventory-node'],
      ],
    });
  });

  it('an event can name where large data lie instead of carrying them', async () => {
    await using place = open();
    const node = place.createNode('source');
    const targetNode = place.createNode('target');
    await place.ready();
    const shared = new Map<string, Uint8Array>();
    targetNode.on('process-data', async (event) => {
      const data = await Promise.resolve(shared.get(event.payload.dataKey));
      return data?.length;
    });

    const key = 'data:1';
    shared.set(key, new Uint8Array(1_000_000));

    expect(await node.send(targetNode, { type: 'process-data', payload: { dataKey: key } })).toBe(1_000_000);
  });

  it('a node pushes to a client node from inside a handler', async () => {
    await using place = open();
    const serverNode = place.createNode('server');
    const browserNode = place.createNode('browser');
    const backOffice = place.createNode('back-office');
    await place.ready();
    const updates = new Arrivals<unknown>();
    browserNode.on('data-updated', (event) => updates.add(event.payload));
    serverNode.on('update-client', (event) => {
      serverNode.send(browserNode, { type: 'data-updated', payload: event.payload.data });
    });

    await backOffice.send(serverNode, { type: 'update-client', payload: { data: { stock: 3 } } });
    await backOffice.send(serverNode, { type: 'update-client', payload: { data: [1, 'two', null] } });
    await backOffice.send(serverNode, { type: 'update-client', payload: {} });

    expect(await updates.atLeast(3)).toEqual([{ stock: 3 }, [1, 'two', null], undefined]);
  });
});
