import type { PlacedAddress } from '../ports/transport.js';
import type { EncodedEvent } from '../wire/messages.js';
import type { DerivedAnswer } from './derived-answer.js';
import type { EmissionWatching } from './emission-watching.js';
import type { Receipt } from './send-handle.js';

/** What few sends need. It stands apart, since each field of an object costs everyone who makes one. */
export class SendExtras {
  encoded: readonly EncodedEvent[] | undefined;
  /** When what is sent has its signature, if it does not have it yet. */
  signed: Promise<void> | undefined;
  watching: EmissionWatching | undefined;
  /** When the request was dispatched; negative where that is not measured. */
  since = -1;
  /** Those who wait for the answer, after the first. */
  moreWaiters: DerivedAnswer[] | undefined;
  receipts: DerivedAnswer<Receipt>[] | undefined;
  /** Under which the link knows the request. */
  number = 0;
  /** Where the request was sent, if the transport has chosen that. */
  chosen: PlacedAddress | undefined;
  stopListening: (() => void) | undefined;
  stopDelay: (() => void) | undefined;
  gaveUp = false;
}
