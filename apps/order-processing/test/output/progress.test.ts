import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgress, mostOrdersWithOwnLine } from '../../src/output/progress.js';

class Screen extends Writable {
  text = '';
  readonly isTTY: boolean;
  readonly columns = 100;
  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }
  cursorTo(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const fulfilled = (orderId: number) => ({ fulfilled: { orderId, customerId: 'ANNA', cents: 1250, units: 3 } });
const rejected = (orderId?: number) => ({
  rejected: { ...(orderId !== undefined && { orderId }), reason: 'invalid', detail: 'no items' } as const,
});

describe('progress', () => {
  it('is a line for each of a few orders where there is no terminal', () => {
    const screen = new Screen(false);
    const progress = createProgress(screen, 4);
    progress.ended(fulfilled(1));
    progress.ended(rejected(2));
    progress.ended(rejected());
    progress.ended({ rejected: { orderId: 4, reason: 'out-of-stock', detail: 'no tea' } });
    progress.stop();
    expect(screen.text).toBe(
      'Order 1: fulfilled, 3 units for 12.50\nOrder 2: invalid; no items\nAn order: invalid; no items\n' +
        'Order 4: out of stock; no tea\n',
    );
  });

  it('is some twenty lines for many orders where there is no terminal', () => {
    const screen = new Screen(false);
    const total = mostOrdersWithOwnLine * 20 + 1;
    const progress = createProgress(screen, total);
    for (let id = 1; id <= total; id++) progress.ended(id % 2 === 0 ? fulfilled(id) : rejected(id));
    const lines = screen.text.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(19);
    expect(lines.length).toBeLessThanOrEqual(21);
    expect(lines.at(-1)).toBe('1001/1001 orders, 500 fulfilled, 501 rejected');
    expect(screen.text).not.toContain('\u001b');
  });

  it.each([false, true])('names an order that failed however many there are (on a terminal: %s)', (isTTY) => {
    const screen = new Screen(isTTY);
    const progress = createProgress(screen, 1_000);
    progress.ended({ rejected: { orderId: 7, reason: 'failed', detail: 'the bank is closed' } });
    progress.ended(rejected(8));
    progress.stop();
    expect(screen.text).toContain('Order 7: failed; the bank is closed\n');
    expect(screen.text).not.toContain('Order 8');
  });

  it('is a bar on a terminal, below the lines of a few orders, and gives the cursor back', () => {
    const screen = new Screen(true);
    const progress = createProgress(screen, 2);
    progress.ended(fulfilled(1));
    progress.ended(rejected(2));
    progress.stop();
    progress.stop();
    expect(screen.text).toContain('2/2 orders, 1 fulfilled, 1 rejected');
    expect(screen.text).toContain('Order 1: fulfilled, 3 units for 12.50\nOrder 2: invalid; no items\n');
    expect(screen.text).toContain('\u001b[?25l');
    expect(screen.text.lastIndexOf('\u001b[?25h')).toBeGreaterThan(screen.text.lastIndexOf('\u001b[?25l'));
  });

  it('is nothing but a bar for many orders on a terminal', () => {
    const screen = new Screen(true);
    const progress = createProgress(screen, mostOrdersWithOwnLine + 1);
    progress.ended(fulfilled(1));
    progress.stop();
    expect(screen.text).toContain('1/51 orders, 1 fulfilled, 0 rejected');
    expect(screen.text).not.toContain('Order 1');
  });
});
