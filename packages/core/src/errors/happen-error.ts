import { type ErrorCode, errorCodes } from './error-codes.js';

/** What a `HappenError` may be given beside its code and message. */
export interface HappenErrorOptions {
  /** The error that led to this one; kept as `cause`, across a wire too. */
  readonly cause?: unknown;
  /** Plain data about the failure (ids, limits, paths). It crosses a wire, so it holds serialisable values only. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The one error class of Happen. Compare `code`, not the message and not the class: two copies of a package in one
 * process make `instanceof` lie, and messages may be reworded in any release.
 */
export class HappenError extends Error {
  override readonly name: 'HappenError' = 'HappenError';
  /** Which failure this is; stable across releases. */
  readonly code: ErrorCode;
  /** Plain data about the failure, frozen; `{}` when there is none. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: HappenErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = Object.freeze({ ...options.details });
  }

  /** Whether the same call may succeed later without a change to the caller's code. */
  get transient(): boolean {
    return errorCodes[this.code].transient;
  }

  /** For logs and answers in JSON, where errors would else lose their message; without the stack. */
  toJSON(): object {
    const { name, code, message, transient, details, cause } = this;
    return { name, code, message, transient, details, ...(cause === undefined ? {} : { cause: jsonOf(cause) }) };
  }
}

/** Causes may go round in a circle, so what led to a cause is left out. */
function jsonOf(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const { name, message } = cause;
  return isHappenError(cause) ? { name, code: cause.code, message } : { name, message };
}

/**
 * Whether a value is an error of Happen, from whichever copy of the package.
 *
 * @param code with it, whether it is an error with just this code
 */
export function isHappenError(value: unknown, code?: ErrorCode): value is HappenError {
  if (!(value instanceof Error) || value.name !== 'HappenError') return false;
  const found = (value as { code?: unknown }).code;
  return typeof found === 'string' && Object.hasOwn(errorCodes, found) && (code === undefined || found === code);
}
