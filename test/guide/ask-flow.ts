import { type HappenEvent, initializeHappen, type Step } from '@happen/core';
import { onTestFinished } from 'vitest';

/** Registers a step as the entry point of a flow at a node of its own, until the test is over; asks it with a payload. */
export function askFlow(entry: Step<HappenEvent>): (payload?: unknown) => Promise<any> {
  const happen = initializeHappen();
  onTestFinished(async () => {
    await happen.close();
  });
  const node = happen.createNode('node');
  node.on('go', entry);
  return (payload = {}) => node.send({ type: 'go', payload }).return();
}
