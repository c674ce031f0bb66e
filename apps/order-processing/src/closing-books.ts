import { machinePause } from './nodes/pause.js';
import type { OrderSystem } from './order-system.js';
import { type Books, contradictionIn } from './rules/books.js';

/** How often the books are looked at again, and after how many milliseconds. */
const looks = 20;
const pauseMs = 100;

/** The books, and how many events it took beyond those of one look. */
export interface ClosedBooks {
  readonly books: Books;
  readonly askedAgain: number;
}

/**
 * Reads the books once no order is under way. Whoever writes one of them in another process may still be behind what has ended
 * in this one, so they are read again for a while until they agree, and everybody who is to be told has been.
 */
export async function closingBooks(system: OrderSystem, taken: number, notifiable: number): Promise<ClosedBooks> {
  for (let look = 1; ; look++) {
    const { frontDesk } = system;
    const books = { taken, summary: await frontDesk.summary(), stock: await frontDesk.countStock() };
    const complete = contradictionIn(books) === undefined && books.summary.customersNotified >= notifiable;
    if (complete || look === looks) return { books, askedAgain: (look - 1) * 2 };
    await machinePause(pauseMs);
  }
}
