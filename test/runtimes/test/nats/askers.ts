import { setTimeout as pause } from 'node:timers/promises';
import { isHappenError, type Outgoing } from 'happen';
import type { Participant } from '../../src/nats/participant.js';

const mostMs = 20_000;

/**
 * Asks a node that may not be back yet. Two connections: of what one has subscribed to, the server may hear after what the other
 * one sends.
 */
export async function askOnceThere(participant: Participant, id: string, event: Outgoing): Promise<unknown> {
  const begun = performance.now();
  for (;;) {
    try {
      return await participant.ask(id, event);
    } catch (error) {
      if (!isHappenError(error, 'HAPPEN_NO_SUCH_NODE') || performance.now() - begun > mostMs) throw error;
      await pause(10);
    }
  }
}

/** Waits until something holds. */
export async function until(condition: () => boolean): Promise<void> {
  const begun = performance.now();
  while (!condition()) {
    if (performance.now() - begun > mostMs) throw new Error(`waited ${mostMs} ms in vain for ${String(condition)}`);
    await pause(2);
  }
}
