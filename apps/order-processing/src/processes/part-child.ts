import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PartName } from '../parts.js';
import type { Emissions } from '../trace/emission-recorder.js';
import type { FromPart, ToPart } from './messages.js';

/** How long a part may take to answer or to end, in milliseconds. */
const patienceMs = 15_000;

/** Whom a part's process tells of itself. */
export interface PartListener {
  readonly failed: (message: string) => void;
  /** It ended although nobody had told it to. */
  readonly died: (part: PartName, how: string) => void;
}

/** A part of the shop in a process of its own, as seen from the one that started it. */
export interface PartChild {
  readonly part: PartName;
  readonly pid: number | undefined;
  /** Resolves when its node can be reached; rejects when the process ends before. */
  readonly ready: Promise<void>;
  open(): void;
  /** What it has emitted so far; nothing if its process is gone or does not answer. */
  emissions(): Promise<Emissions>;
  /** Ends the process, with force if need be. */
  end(): Promise<void>;
}

/** Starts the process of a part, which ends with this one. */
export function startPart(begin: ToPart & { readonly kind: 'begin' }, { failed, died }: PartListener): PartChild {
  const { part } = begin;
  const child = fork(program(), [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(child, 'exit').then(([code, signal]) => String(signal ?? `exit code ${code}`));
  let ending = false;
  void exited.then((how) => {
    if (!ending) died(part, how);
  });
  child.on('message', (message: FromPart) => {
    if (message.kind === 'failure') failed(message.message);
  });
  // Whoever has gone is told of by `exit`.
  child.on('error', () => {});
  const tell = (message: ToPart): void => {
    if (child.connected) child.send(message, () => {});
  };
  tell(begin);

  const ready = Promise.race([
    answered(child, 'ready'),
    exited.then((how) => {
      throw new Error(`${part}: its process ended before it was ready (${how}).`);
    }),
  ]).then(() => {});
  // Whoever waits for all of them may have given up over another one.
  ready.catch(() => {});

  return {
    part,
    pid: child.pid,
    ready,
    open: () => tell({ kind: 'open' }),
    async emissions() {
      const answer = answered(child, 'emissions');
      tell({ kind: 'tell-emissions' });
      const found = await withinPatience(Promise.race([answer, exited]));
      return typeof found === 'object' ? found.emissions : { emitted: 0, events: [], omitted: 0 };
    },
    async end() {
      ending = true;
      tell({ kind: 'close' });
      if ((await withinPatience(exited)) === undefined) child.kill('SIGKILL');
      await exited;
    },
  };
}

function answered<K extends FromPart['kind']>(child: ChildProcess, kind: K): Promise<FromPart & { readonly kind: K }> {
  return new Promise((resolve) => {
    const look = (message: FromPart): void => {
      if (message.kind !== kind) return;
      child.off('message', look);
      resolve(message as FromPart & { readonly kind: K });
    };
    child.on('message', look);
  });
}

async function withinPatience<T>(promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, patienceMs, undefined);
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}

/** The program as it was built, or beside its source where that is run. */
function program(): string {
  const built = fileURLToPath(new URL('part-process.js', import.meta.url));
  return existsSync(built) ? built : fileURLToPath(new URL('part-process.ts', import.meta.url));
}
