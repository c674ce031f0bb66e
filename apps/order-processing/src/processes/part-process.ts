import { emissionRecorder } from '../trace/emission-recorder.js';
import { type Part, parts } from '../parts.js';
import { openShop } from '../space.js';
import type { FromPart, ToPart } from './messages.js';
import { openAt } from './open-at.js';

// One part of the shop as a process of its own. It is told what to be by the process that started it, and ends with it.

// Ctrl-C reaches every process of a terminal; when to end is for the one that was started there to say.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

const tell = (message: FromPart): void => void process.send?.(message, () => {});
let running: Promise<Awaited<ReturnType<typeof begin>>> | undefined;

async function begin({ part, meeting, settings, knowledge, patience, correlationId }: ToPart & { kind: 'begin' }) {
  const recorder = emissionRecorder(correlationId);
  const happen = openShop(recorder.extension, openAt(meeting));
  happen.on('node.error', ({ payload }) => tell({ kind: 'failure', message: `${payload.nodeId}: ${payload.message}` }));
  const onEnding = (): void => {};
  const standing: Part = parts[part](happen, { settings, knowledge, patience, onEnding });
  await happen.ready();
  tell({ kind: 'ready' });
  return { happen, standing, recorder };
}

async function take(message: ToPart): Promise<void> {
  if (message.kind === 'begin') {
    running = begin(message);
    await running;
    return;
  }
  const { happen, standing, recorder } = (await running) ?? (await begun());
  if (message.kind === 'open') standing.open?.();
  if (message.kind === 'close') {
    await happen.close();
    process.disconnect?.();
  }
  if (message.kind === 'tell-emissions') {
    const { emitted, events, omitted } = recorder;
    tell({ kind: 'emissions', emissions: { emitted, events: [...events], omitted } });
  }
}

function begun(): never {
  throw new Error('The process was told to do something before it was told what to be.');
}

process.on('message', (message: ToPart) => {
  take(message).catch((error: unknown) => {
    tell({ kind: 'failure', message: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
    if (process.connected) process.disconnect?.();
  });
});
// Nobody is left to be told anything; the space may still be connecting.
process.on('disconnect', () => process.exit());
