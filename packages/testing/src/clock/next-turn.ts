/**
 * Resolves in a later turn of the event loop, when every microtask that was queued, and those they queued, have run.
 *
 * The means is looked up when this module is loaded, so that a test runner's fake timers do not stop it.
 */
export const nextTurn: () => Promise<void> = chosenTurn();

function chosenTurn(): () => Promise<void> {
  const immediate: ((callback: () => void) => unknown) | undefined = globalThis.setImmediate;
  if (immediate !== undefined) return () => new Promise((resolve) => void immediate(resolve));
  const { MessageChannel } = globalThis;
  return () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      // `onmessage` is in every runtime, though not in every declaration of it.
      (port1 as { onmessage?: () => void }).onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    });
}
