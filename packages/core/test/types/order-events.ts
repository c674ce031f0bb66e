/** The events of an order service. */
export type OrderEvents = {
  'order.submitted'(payload: { orderId: string; total: number }): { accepted: boolean };
  'order.shipped'(payload: { orderId: string }): void;
  'order.line.added'(payload: { line: number }): Promise<number>;
  'stock.low'(): 'noted';
  'payment.judged'(payload: { total: number }): { status: 'taken' | 'refused'; reason?: string };
  'report.build'(payload: { year: number }): AsyncGenerator<{ progress: number }, { url: string }>;
};

/** What it keeps. */
export type OrderState = { orders: Record<string, { status: string }> };

/** What is broadcast in its space. */
export type Broadcasts = {
  'order.confirmed'(payload: { orderId: string }): void;
  'price.changed'(payload: { product: string; price: number }): void;
  'load.measured'(): AsyncGenerator<{ load: number }, 'over'>;
};
