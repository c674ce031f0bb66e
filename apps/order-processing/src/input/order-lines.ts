import { lineTotalInCents } from '../rules/money.js';
import type { OrderLine } from '../rules/order.js';
import { type OnBadRow, takeRow } from './bad-rows.js';
import { basisPointsIn, centsIn, countIn, idIfReadable, idIn, UnreadableCellError } from './cells.js';
import type { Catalogue } from './catalogue.js';
import { type Row, tableRows, type TableSource } from './table.js';

/** The lines of one order, in the order of the file, until its order is read. */
export interface CollectedLines {
  readonly lines: { readonly row: number; readonly line: OrderLine }[];
  /** Why the order cannot be carried out as a whole: one of its lines could not be taken. */
  problem?: string;
}

/** Reads the lines of all orders, by order id. A bad line spoils its order, as far as it can be told whose line it is. */
export async function readOrderLines(
  source: TableSource,
  catalogue: Catalogue,
  onBadRow: OnBadRow,
): Promise<Map<number, CollectedLines>> {
  const columns = {
    required: ['order_id', 'product_id', 'unit_price', 'quantity', 'discount'],
    optional: [],
  } as const;
  const collected = new Map<number, CollectedLines>();
  function linesOf(orderId: number): CollectedLines {
    let lines = collected.get(orderId);
    if (lines === undefined) collected.set(orderId, (lines = { lines: [] }));
    return lines;
  }

  for await (const row of tableRows(source, columns)) {
    const { bad } = takeRow(source, row, onBadRow, () => {
      const line = orderLine(row, catalogue);
      linesOf(idIn(row.cells, 'order_id')).lines.push({ row: row.line, line });
    });
    const spoiled = bad && idIfReadable(row.cells, 'order_id');
    if (spoiled !== undefined) linesOf(spoiled).problem ??= `line ${bad?.line} of ${bad?.file} could not be taken`;
  }
  return collected;
}

function orderLine(
  { cells }: Row<'product_id' | 'unit_price' | 'quantity' | 'discount'>,
  catalogue: Catalogue,
): OrderLine {
  const line = {
    productId: idIn(cells, 'product_id'),
    unitPriceInCents: centsIn(cells, 'unit_price'),
    quantity: countIn(cells, 'quantity', 1),
    discountInBasisPoints: basisPointsIn(cells, 'discount'),
  };
  if (!catalogue.products.has(line.productId)) throw new UnreadableCellError(`unknown product ${line.productId}`);
  if (lineTotalInCents(line) === undefined) throw new UnreadableCellError('the total is too large');
  return line;
}
