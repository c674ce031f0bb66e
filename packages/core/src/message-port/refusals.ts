/** Why a transport over message ports does not take something. */
import { HappenError } from '../errors/happen-error.js';
import { maxFrameBytes } from './port-messages.js';

export function closed(why: string): HappenError {
  return new HappenError('HAPPEN_CLOSED', `The message port transport takes nothing. ${why}`);
}

export function tooLarge({ byteLength }: Uint8Array): HappenError {
  return new HappenError(
    'HAPPEN_PAYLOAD_TOO_LARGE',
    `A frame of ${byteLength} bytes is longer than the ${maxFrameBytes} the message port transport takes.`,
    { details: { bytes: byteLength, limit: maxFrameBytes } },
  );
}
