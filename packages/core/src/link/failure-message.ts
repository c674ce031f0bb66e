import type { HappenError } from '../errors/happen-error.js';
import type { Logger } from '../ports/logger.js';
import { errorToWire } from '../wire/error-encoding.js';
import type { Message, WireError } from '../wire/messages.js';
import type { Outbox } from './outbox.js';
import type { LinkPosted } from './publisher.js';
import type { Route } from './route.js';

/** Sends a failure. If it is too long for a frame of this transport, what happened still gets through, in short. */
export function sendFailure(
  outbox: Outbox<LinkPosted>,
  logger: Logger,
  to: Route,
  failure: HappenError,
  message: (error: WireError) => Message,
): void {
  const whole = errorToWire(failure);
  const short = {
    name: whole.name,
    message: whole.message.slice(0, 128),
    code: whole.code,
    details: undefined,
    cause: undefined,
  };
  for (const error of [whole, short]) {
    try {
      outbox.add(to, message(error), undefined);
      return;
    } catch (cause) {
      logger.error({ err: cause, to: to.address }, 'a failure could not be reported to its asker in full');
    }
  }
}
