import type { Logger } from '../ports/logger.js';

/** A logger whose failures concern nobody: what is logged must not change what happens. */
export function guardedLogger(logger: Logger): Logger {
  const guarded =
    (level: keyof Logger) =>
    (details: object, message: string): void => {
      try {
        logger[level](details, message);
      } catch {
        // There is nowhere left to tell it.
      }
    };
  return { debug: guarded('debug'), info: guarded('info'), warn: guarded('warn'), error: guarded('error') };
}
