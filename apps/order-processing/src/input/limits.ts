/**
 * The largest id, count and amount (in cents) which a cell may hold, and how many characters (UTF-16 units) a name or any
 * other text may have. Sums of them stay exact.
 */
export const largest = {
  id: Number.MAX_SAFE_INTEGER,
  count: 1_000_000_000,
  cents: 100_000_000_000,
  characters: 1_000,
} as const;

/** The most items of one order. With cells as large as they may be, the order still fits into one event. */
export const mostItems = 10_000;
