import type { Customer, Product } from '../rules/order.js';
import { type OnBadRow, takeRow } from './bad-rows.js';
import { countIn, idIn, nameIn, textIn, UnreadableCellError } from './cells.js';
import { tableRows, type TableSource } from './table.js';
import { quoted } from './visible.js';

/** What the shop knows before the first order comes in. */
export interface Catalogue {
  readonly products: ReadonlyMap<number, Product>;
  readonly customers: ReadonlyMap<string, Customer>;
}

/** Reads the products and the customers. Of several rows with one id the first stands. */
export async function readCatalogue(
  sources: { readonly products: TableSource; readonly customers: TableSource },
  onBadRow: OnBadRow,
): Promise<Catalogue> {
  return {
    products: await readProducts(sources.products, onBadRow),
    customers: await readCustomers(sources.customers, onBadRow),
  };
}

async function readProducts(source: TableSource, onBadRow: OnBadRow): Promise<Map<number, Product>> {
  const columns = { required: ['product_id', 'units_in_stock'], optional: ['product_name'] } as const;
  const products = new Map<number, Product>();
  for await (const row of tableRows(source, columns)) {
    takeRow(source, row, onBadRow, () => {
      const id = idIn(row.cells, 'product_id');
      if (products.has(id)) throw new UnreadableCellError(`duplicate product_id ${id}`);
      const name = textIn(row.cells, 'product_name');
      products.set(id, { id, name, unitsInStock: countIn(row.cells, 'units_in_stock', 0) });
    });
  }
  return products;
}

async function readCustomers(source: TableSource, onBadRow: OnBadRow): Promise<Map<string, Customer>> {
  const columns = { required: ['customer_id'], optional: ['company_name'] } as const;
  const customers = new Map<string, Customer>();
  for await (const row of tableRows(source, columns)) {
    takeRow(source, row, onBadRow, () => {
      const id = nameIn(row.cells, 'customer_id');
      if (customers.has(id)) throw new UnreadableCellError(`duplicate customer_id ${quoted(id)}`);
      customers.set(id, { id, companyName: textIn(row.cells, 'company_name') });
    });
  }
  return customers;
}
