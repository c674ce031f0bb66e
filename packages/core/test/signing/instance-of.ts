import { headerBytes } from '../../src/wire/frame-header.js';
import { decodeFrameBody } from '../../src/wire/frame.js';
import { defaultWireLimits } from '../../src/wire/limits.js';
import { readSeal } from '../../src/wire/seal.js';
import type { Recorded } from './forger.js';

/** The running space that a signed frame came from. */
export function instanceOf(recorded: Recorded | undefined): string {
  if (recorded === undefined || recorded.frame.length < headerBytes) throw new Error('nothing was recorded');
  const { frame } = recorded;
  return decodeFrameBody(frame, readSeal(frame, frame.length).bodyEnd, defaultWireLimits).from;
}
