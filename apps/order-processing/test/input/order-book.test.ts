import { describe, expect, it } from 'vitest';
import type { BadRow } from '../../src/input/bad-rows.js';
import { mostItems } from '../../src/input/limits.js';
import { readOrderBook } from '../../src/input/order-book.js';
import { type TableSource, UnusableInputError } from '../../src/input/table.js';

const tables = {
  orders: 'order_id,customer_id,ship_city\n2,ANNA,Ulm\n1,BERT,Bonn\n',
  items: 'order_id,product_id,unit_price,quantity,discount\n1,10,2.50,3,0\n2,10,2.50,1,0.25\n2,11,4,2,0\n',
  products: 'product_id,product_name,units_in_stock\n10,Tea,20\n11,Jam,0\n',
  customers: 'customer_id,company_name\nANNA,Anna & Co\nBERT,Bert\n',
};

function source(file: string, content: string | Uint8Array): TableSource {
  return {
    file,
    async *open() {
      yield Buffer.from(content);
    },
  };
}

async function read(changes: Partial<Record<keyof typeof tables, string | Uint8Array>> = {}) {
  const contents = { ...tables, ...changes };
  const badRows: BadRow[] = [];
  const book = await readOrderBook(
    {
      orders: source('orders.csv', contents.orders),
      items: source('items.csv', contents.items),
      products: source('products.csv', contents.products),
      customers: source('customers.csv', contents.customers),
    },
    (row) => badRows.push(row),
  );
  return { book, badRows: badRows.map(({ file, line, reason }) => `${file}:${line}: ${reason}`) };
}

const withItem = (row: string) => ({ items: `${tables.items}${row}\n` });
const withOrder = (row: string) => ({ orders: `${tables.orders}${row}\n`, items: `${tables.items}3,10,1,1,0\n` });

describe('reading the order book', () => {
  it('joins orders with their lines, by ascending id', async () => {
    const { book, badRows } = await read();
    expect(badRows).toEqual([]);
    expect(book.invalid).toEqual([]);
    expect(book.orders).toEqual([
      {
        id: 1,
        customerId: 'BERT',
        shipTo: { name: '', city: 'Bonn', country: '' },
        lines: [{ productId: 10, unitPriceInCents: 250, quantity: 3, discountInBasisPoints: 0 }],
      },
      {
        id: 2,
        customerId: 'ANNA',
        shipTo: { name: '', city: 'Ulm', country: '' },
        lines: [
          { productId: 10, unitPriceInCents: 250, quantity: 1, discountInBasisPoints: 2500 },
          { productId: 11, unitPriceInCents: 400, quantity: 2, discountInBasisPoints: 0 },
        ],
      },
    ]);
    expect(book.products.get(10)).toEqual({ id: 10, name: 'Tea', unitsInStock: 20 });
    expect(book.customers.get('ANNA')).toEqual({ id: 'ANNA', companyName: 'Anna & Co' });
  });

  it('sorts ids as numbers', async () => {
    const { book } = await read({
      orders: 'order_id,customer_id\n10,ANNA\n9,ANNA\n',
      items: 'order_id,product_id,unit_price,quantity,discount\n9,10,1,1,0\n10,10,1,1,0\n',
    });
    expect(book.orders.map(({ id }) => id)).toEqual([9, 10]);
  });

  it('finds columns by name, wherever they stand and whatever else there is', async () => {
    const { book, badRows } = await read({
      items: 'note,Discount,quantity, unit_price ,product_id,order_id\nx,0,3,2.50,10,1\ny,0,2,1,11,2\n',
    });
    expect(badRows).toEqual([]);
    expect(book.orders[0]?.lines).toEqual([
      { productId: 10, unitPriceInCents: 250, quantity: 3, discountInBasisPoints: 0 },
    ]);
  });

  it('takes two lines for one product', async () => {
    const { book, badRows } = await read(withItem('1,10,2.00,1,0'));
    expect(badRows).toEqual([]);
    expect(book.orders[0]?.lines).toHaveLength(2);
  });

  describe('an item that cannot be taken is named, and its order is invalid as a whole', () => {
    it.each([
      ['1,10,2.50,3', 'missing column discount: the row has 4 of 5 fields'],
      ['1,10,2.50,3,0,0', 'the row has 6 fields, the header 5'],
      ['1,10,two,3,0', 'unit_price "two" is not a number'],
      ['1,10,-2.50,3,0', 'unit_price "-2.50" is negative'],
      ['1,10,-0.001,3,0', 'unit_price "-0.001" is negative'],
      ['1,10,1e30,3,0', 'unit_price "1e30" is more than 1000000000'],
      ['1,10,,3,0', 'unit_price is empty'],
      ['1,10,2.50,0,0', 'quantity "0" is less than 1'],
      ['1,10,2.50,-3,0', 'quantity "-3" is less than 1'],
      ['1,10,2.50,1.5,0', 'quantity "1.5" is not a whole number'],
      ['1,10,2.50,99999999999,0', 'quantity "99999999999" is more than 1000000000'],
      ['1,10,2.50,3,1.5', 'discount "1.5" is not between 0 and 1'],
      ['1,10,2.50,3,-0.1', 'discount "-0.1" is not between 0 and 1'],
      ['1,10,2.50,3,none', 'discount "none" is not a number'],
      ['1,99,2.50,3,0', 'unknown product 99'],
      ['1,ten,2.50,3,0', 'product_id "ten" is not a number'],
      ['1,10,999999999,999999999,0', 'the total is too large'],
      ['1,10,"2.50"x,3,0', 'text follows the closing quote of field 3'],
    ])('%s', async (row, reason) => {
      const { book, badRows } = await read(withItem(row));
      expect(badRows).toEqual([`items.csv:5: ${reason}`]);
      expect(book.invalid).toEqual([{ orderId: 1, reason: 'line 5 of items.csv could not be taken' }]);
      expect(book.orders.map(({ id }) => id)).toEqual([2]);
    });
  });

  it('reports an item whose order cannot be told, and goes on', async () => {
    const { book, badRows } = await read(withItem('?,10,2.50,3,0'));
    expect(badRows).toEqual(['items.csv:5: order_id "?" is not a number']);
    expect(book.orders).toHaveLength(2);
  });

  it('reports each item that belongs to no order', async () => {
    const { book, badRows } = await read(withItem('7,10,2.50,3,0\n7,11,1,1,0'));
    expect(badRows).toEqual(['items.csv:5: there is no order 7', 'items.csv:6: there is no order 7']);
    expect(book.invalid).toEqual([]);
  });

  describe('an order that cannot be taken is named and counted as invalid', () => {
    it.each([
      ['3', 'missing column customer_id: the row has 1 of 3 fields', 3],
      ['3,ANNA,Ulm,x', 'the row has 4 fields, the header 3', 3],
      ['3,,Ulm', 'customer_id is empty', 3],
      ['3,CARL,Ulm', 'unknown customer "CARL"', 3],
    ])('%s', async (row, reason, orderId) => {
      const { book, badRows } = await read(withOrder(row));
      expect(badRows).toEqual([`orders.csv:4: ${reason}`]);
      expect(book.invalid).toEqual([{ orderId, reason }]);
      expect(book.orders.map(({ id }) => id)).toEqual([1, 2]);
    });

    it('without a readable id it is counted all the same', async () => {
      const { book, badRows } = await read({ orders: `${tables.orders}x,ANNA,Ulm\n0,ANNA,Ulm\n1.0,ANNA,Ulm\n` });
      expect(badRows).toEqual([
        'orders.csv:4: order_id "x" is not a number',
        'orders.csv:5: order_id "0" is less than 1',
        'orders.csv:6: order_id "1.0" is not a whole number',
      ]);
      expect(book.invalid.map(({ orderId }) => orderId)).toEqual([undefined, undefined, undefined]);
    });

    it('of two with one id the first stands', async () => {
      const { book, badRows } = await read({ orders: `${tables.orders}2,BERT,Köln\n` });
      expect(badRows).toEqual(['orders.csv:4: duplicate order_id 2']);
      expect(book.invalid).toEqual([{ orderId: 2, reason: 'duplicate order_id 2' }]);
      expect(book.orders.map(({ id, customerId }) => [id, customerId])).toEqual([
        [1, 'BERT'],
        [2, 'ANNA'],
      ]);
    });

    it('one without items', async () => {
      const { book, badRows } = await read({ orders: `${tables.orders}3,ANNA,Ulm\n` });
      expect(badRows).toEqual(['orders.csv:4: order 3 has no items']);
      expect(book.invalid).toEqual([{ orderId: 3, reason: 'order 3 has no items' }]);
    });

    it('one of more items than an order may have', async () => {
      const items = (count: number) => tables.items + '1,10,2.50,1,0\n'.repeat(count - 1);
      const { book, badRows } = await read({ items: items(mostItems + 1) });
      expect(badRows).toEqual(['orders.csv:3: order 1 has 10001 items, more than the 10000 an order may have']);
      expect(book.invalid).toEqual([
        { orderId: 1, reason: 'order 1 has 10001 items, more than the 10000 an order may have' },
      ]);
      expect(book.orders.map(({ id }) => id)).toEqual([2]);
      expect((await read({ items: items(mostItems) })).book.orders[0]?.lines).toHaveLength(mostItems);
    });

    it('one of more text than a cell may hold', async () => {
      const { book, badRows } = await read(withOrder(`3,ANNA,${'Ulm'.repeat(400)}`));
      expect(badRows).toEqual(['orders.csv:4: ship_city has 1200 characters, more than 1000']);
      expect(book.invalid).toEqual([{ orderId: 3, reason: 'ship_city has 1200 characters, more than 1000' }]);
    });

    it('one that is not UTF-8', async () => {
      const { badRows } = await read({
        orders: Buffer.concat([Buffer.from(tables.orders), Buffer.from('3,ANNA,K\xf6ln\n', 'latin1')]),
        items: `${tables.items}3,10,1,1,0\n`,
      });
      expect(badRows[0]).toBe('orders.csv:4: the line is not valid UTF-8');
    });
  });

  it('names the line a row begins on, with line breaks inside quotes before it', async () => {
    const { badRows } = await read({
      orders: 'order_id,customer_id,ship_city\r\n2,ANNA,"Ulm\r\n(Donau)"\r\nx,BERT,\r\n1,BERT,\r\n',
    });
    expect(badRows).toEqual(['orders.csv:4: order_id "x" is not a number']);
  });

  it('reports products and customers that cannot be taken, and what needs them', async () => {
    const { book, badRows } = await read({
      products: `${tables.products}10,Tea again,5\n12,Ham,-1\n13,Ale,many\n`,
      customers: `${tables.customers}ANNA,Other\n`,
    });
    expect(badRows).toEqual([
      'products.csv:4: duplicate product_id 10',
      'products.csv:5: units_in_stock "-1" is less than 0',
      'products.csv:6: units_in_stock "many" is not a number',
      'customers.csv:4: duplicate customer_id "ANNA"',
    ]);
    expect(book.products.get(10)?.name).toBe('Tea');
    expect(book.orders).toHaveLength(2);
  });

  it('reports names that are longer than a cell may be', async () => {
    const long = 'y'.repeat(1_001);
    const { book, badRows } = await read({
      products: `${tables.products}12,${long},1\n`,
      customers: `${tables.customers}${long},x\nCARL,${long}\n`,
    });
    expect(badRows).toEqual([
      'products.csv:4: product_name has 1001 characters, more than 1000',
      'customers.csv:4: customer_id has 1001 characters, more than 1000',
      'customers.csv:5: company_name has 1001 characters, more than 1000',
    ]);
    expect([book.products.size, book.customers.size]).toEqual([2, 2]);
  });

  it('lets no cell steer the terminal or fill it', async () => {
    const { badRows } = await read({ orders: `${tables.orders}\u001b[2J\u202e${'y'.repeat(100)},ANNA,\n` });
    expect(badRows[0]).toBe(`orders.csv:4: order_id "\\u{1b}[2J\\u{202e}${'y'.repeat(55)}…" is not a number`);
  });

  it('is not led astray by names that objects have of their own', async () => {
    const { badRows } = await read({
      orders: 'order_id,customer_id,__proto__\n1,constructor,x\n2,ANNA,y\n',
    });
    expect(badRows).toEqual(['orders.csv:2: unknown customer "constructor"']);
  });

  describe('a file that cannot be used at all is one error', () => {
    it.each([
      [
        'a required column is missing',
        { items: 'order_id,product_id,price,quantity,discount\n' },
        'items.csv has no column unit_price; its header names order_id, product_id, price, quantity, discount',
      ],
      [
        'a column is there twice',
        { orders: 'order_id,customer_id,order_id\n' },
        'orders.csv names the column order_id twice',
      ],
      ['it is empty', { products: '' }, 'products.csv is empty; expected a header row with product_id, units_in_stock'],
      [
        'its header is broken',
        { products: '"product_id\n' },
        'products.csv:1: the quote opened in field 1 is never closed',
      ],
      [
        'it is UTF-16',
        { orders: Buffer.from('\ufefforder_id', 'utf16le') },
        'Cannot read orders.csv: it is UTF-16; save it as UTF-8',
      ],
    ])('%s', async (_, changes, message) => {
      const failure = await read(changes).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(UnusableInputError);
      expect((failure as Error).message).toBe(message);
    });
  });

  it('takes a header without rows as no orders', async () => {
    const { book, badRows } = await read({
      orders: 'order_id,customer_id\n',
      items: tables.items.split('\n')[0] ?? '',
    });
    expect(badRows).toEqual([]);
    expect(book.orders).toEqual([]);
  });
});
