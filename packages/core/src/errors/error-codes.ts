/**
 * Every code a `HappenError` can carry, in one table. `transient` says whether the same call may succeed later without a
 * change to the caller's code. A code is never renamed and never reused for another meaning; `docs/errors.md` explains
 * each one and a test keeps the two in step.
 */
export const errorCodes = {
  HAPPEN_ASKED_TOO_LATE: { transient: false },
  HAPPEN_ASYNCHRONOUS_STEP: { transient: false },
  HAPPEN_CANCELLED: { transient: false },
  HAPPEN_CLOSED: { transient: false },
  HAPPEN_DEPTH_EXCEEDED: { transient: false },
  HAPPEN_DISCONNECTED: { transient: true },
  HAPPEN_DUPLICATE_EVENT: { transient: false },
  HAPPEN_DUPLICATE_NODE: { transient: false },
  HAPPEN_EXTENSION_FAILED: { transient: false },
  HAPPEN_HANDLER_FAILED: { transient: false },
  HAPPEN_HASH_MISMATCH: { transient: true },
  HAPPEN_INTERNAL: { transient: false },
  HAPPEN_INVALID_CONFIG: { transient: false },
  HAPPEN_INVALID_EVENT: { transient: false },
  HAPPEN_INVALID_NODE_ID: { transient: false },
  HAPPEN_INVALID_OPTION: { transient: false },
  HAPPEN_INVALID_PATTERN: { transient: false },
  HAPPEN_MALFORMED_FRAME: { transient: false },
  HAPPEN_NOT_ACCEPTED: { transient: false },
  HAPPEN_NOT_AVAILABLE: { transient: false },
  HAPPEN_NOT_A_STREAM: { transient: false },
  HAPPEN_NOT_SERIALISABLE: { transient: false },
  HAPPEN_NO_HANDLER: { transient: false },
  HAPPEN_NO_SUCH_NODE: { transient: true },
  HAPPEN_PAYLOAD_TOO_LARGE: { transient: false },
  HAPPEN_QUEUE_FULL: { transient: true },
  HAPPEN_REFUSED: { transient: false },
  HAPPEN_RESERVED_TYPE: { transient: false },
  HAPPEN_SCHEMA_REJECTED: { transient: false },
  HAPPEN_SIGNATURE_REFUSED: { transient: false },
  HAPPEN_SIGNING_FAILED: { transient: true },
  HAPPEN_STORE_CONFLICT: { transient: true },
  HAPPEN_TIMEOUT: { transient: true },
} as const;

/** One of the stable codes of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;
