import { HappenError } from '../errors/happen-error.js';

/** Why bytes were refused; stable short words, for counters and for `details.reason`. */
export type MalformedReason =
  /** The first two bytes are not those of a frame. */
  | 'magic'
  /** A version of the format that this side does not know. */
  | 'version'
  /** A flag that this side does not know. */
  | 'flags'
  /** More bytes than the limit allows. */
  | 'size'
  /** A declared length reaches beyond the end. */
  | 'truncated'
  /** Bytes after the end of the value. */
  | 'trailing'
  /** Too many containers inside each other. */
  | 'depth'
  /** Too many values. */
  | 'items'
  /** A string is not valid UTF-8. */
  | 'utf8'
  /** A key is no string, stands twice, or is one of the forbidden ones. */
  | 'keys'
  /** A value is not in the one form that the profile allows for it. */
  | 'form'
  /** An unknown extension type, or one whose content breaks its rules. */
  | 'extension'
  /** Well-formed, but not what belongs in this place. */
  | 'schema';

/** The error for bytes that can't be read. */
export function malformed(reason: MalformedReason, field?: string): HappenError {
  return new HappenError(
    'HAPPEN_MALFORMED_FRAME',
    `Bytes from the wire were refused (${reason}${field === undefined ? '' : `: ${field}`}); the other side speaks another version or is not Happen.`,
    { details: field === undefined ? { reason } : { reason, field } },
  );
}
