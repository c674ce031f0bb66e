/**
 * Where a space writes what no event tells: the four levels of pino's interface, so that a pino logger fits as it is.
 * A failure that no asker got and no listener of `node.error` hears is told here as well, with `err`, `node`, `type` and `eventId`.
 * The default is silent. A logger must not throw.
 */
export interface Logger {
  /** What helps to follow what goes on. */
  debug(details: object, message: string): void;
  /** What is worth knowing, and in order. */
  info(details: object, message: string): void;
  /** What is not in order, and goes on all the same. */
  warn(details: object, message: string): void;
  /** What has failed. */
  error(details: object, message: string): void;
}

const ignore = (): void => {};

/** A logger that drops everything. */
export const silentLogger: Logger = Object.freeze({ debug: ignore, info: ignore, warn: ignore, error: ignore });
