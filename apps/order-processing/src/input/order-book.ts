import { orderTotalInCents } from '../rules/money.js';
import type { Order, OrderLine } from '../rules/order.js';
import { type OnBadRow, takeRow } from './bad-rows.js';
import { idIfReadable, idIn, nameIn, textIn, UnreadableCellError } from './cells.js';
import { type Catalogue, readCatalogue } from './catalogue.js';
import { mostItems } from './limits.js';
import { type CollectedLines, readOrderLines } from './order-lines.js';
import { tableRows, type TableSource } from './table.js';
import { quoted } from './visible.js';

/** The four files of a run. */
export interface InputFiles {
  readonly orders: TableSource;
  readonly items: TableSource;
  readonly products: TableSource;
  readonly customers: TableSource;
}

/** An order that cannot be carried out as it stands in the file. */
export interface InvalidOrder {
  /** Absent where not even the id could be read. */
  readonly orderId?: number;
  readonly reason: string;
}

/** Everything a run needs to know before it starts. */
export interface OrderBook extends Catalogue {
  /** By ascending id. */
  readonly orders: readonly Order[];
  /** One for each row of the orders file that became no order, in the order of the file. */
  readonly invalid: readonly InvalidOrder[];
}

/**
 * Reads the four files and joins orders with their lines. Rows that cannot be taken are reported as they are found and stop
 * nothing. Of several orders with one id the first stands.
 *
 * @throws UnusableInputError if one of the files cannot be used at all
 */
export async function readOrderBook(files: InputFiles, onBadRow: OnBadRow): Promise<OrderBook> {
  const catalogue = await readCatalogue(files, onBadRow);
  const collected = await readOrderLines(files.items, catalogue, onBadRow);
  const orders: Order[] = [];
  const invalid: InvalidOrder[] = [];
  const seen = new Set<number>();

  const columns = {
    required: ['order_id', 'customer_id'],
    optional: ['ship_name', 'ship_city', 'ship_country'],
  } as const;
  for await (const row of tableRows(files.orders, columns)) {
    const orderId = idIfReadable(row.cells, 'order_id');
    const { value: read, bad } = takeRow(files.orders, row, onBadRow, () => {
      const id = idIn(row.cells, 'order_id');
      if (seen.has(id)) throw new UnreadableCellError(`duplicate order_id ${id}`);
      const customerId = nameIn(row.cells, 'customer_id');
      if (!catalogue.customers.has(customerId)) throw new UnreadableCellError(`unknown customer ${quoted(customerId)}`);
      const shipTo = {
        name: textIn(row.cells, 'ship_name'),
        city: textIn(row.cells, 'ship_city'),
        country: textIn(row.cells, 'ship_country'),
      };
      const { lines, spoiledBy } = linesOf(id, collected);
      return { order: { id, customerId, shipTo, lines }, spoiledBy };
    });
    if (orderId !== undefined) seen.add(orderId);
    const reason = bad?.reason ?? read?.spoiledBy;
    if (reason !== undefined) invalid.push({ ...(orderId !== undefined && { orderId }), reason });
    else if (read !== undefined) orders.push(read.order);
  }

  reportLinesWithoutOrder(files.items, collected, seen, onBadRow);
  orders.sort((one, other) => one.id - other.id);
  return { ...catalogue, orders, invalid };
}

function linesOf(
  orderId: number,
  collected: ReadonlyMap<number, CollectedLines>,
): { readonly lines: readonly OrderLine[]; readonly spoiledBy?: string } {
  const found = collected.get(orderId);
  if (found?.problem !== undefined) return { lines: [], spoiledBy: found.problem };
  const lines = found?.lines.map(({ line }) => line) ?? [];
  if (lines.length === 0) throw new UnreadableCellError(`order ${orderId} has no items`);
  if (lines.length > mostItems) {
    throw new UnreadableCellError(
      `order ${orderId} has ${lines.length} items, more than the ${mostItems} an order may have`,
    );
  }
  if (orderTotalInCents(lines) === undefined)
    throw new UnreadableCellError(`the total of order ${orderId} is too large`);
  return { lines };
}

function reportLinesWithoutOrder(
  { file }: TableSource,
  collected: ReadonlyMap<number, CollectedLines>,
  orderIds: ReadonlySet<number>,
  onBadRow: OnBadRow,
): void {
  for (const [orderId, { lines }] of collected) {
    if (orderIds.has(orderId)) continue;
    for (const { row } of lines) onBadRow({ file, line: row, reason: `there is no order ${orderId}` });
  }
}
