import type { Logger } from '@happen/core';

const ignore = (): void => {};

/** Writes warnings and errors to the console, so that nobody has to ask why nothing arrives. */
export const consoleLogger: Logger = Object.freeze({
  debug: ignore,
  info: ignore,
  warn: (details: object, message: string) => console.warn(`[happen] ${message}`, details),
  error: (details: object, message: string) => console.error(`[happen] ${message}`, details),
});
