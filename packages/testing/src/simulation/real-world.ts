/** Looks for what a run takes from outside the simulation, to explain why two runs of one seed differ. */

interface AsyncHooks {
  AsyncLocalStorage: new () => {
    run<R>(store: true, callback: () => R): R;
    getStore(): true | undefined;
    disable(): void;
  };
  createHook(callbacks: { init(id: number, type: string): void; before(id: number): void }): {
    enable(): void;
    disable(): void;
  };
}

/** What was seen. */
export interface Sightings {
  /** What comes back at a moment no seed decides: timers of the runtime, input and output, work of other threads. */
  readonly awaited: readonly string[];
  /** Answers at once that no seed decides: the runtime's clock and chance. */
  readonly read: readonly string[];
}

/** What comes in the same order each time, and `setImmediate`, by which the simulation itself moves on. */
const ofTheLanguage = new Set(['PROMISE', 'Microtask', 'TickObject', 'Immediate', 'AsyncResource']);

/** Work of cryptography: whether it is done at once or by another thread shows only when it comes back. */
const perhapsAtOnce = /^(SIGN|VERIFY|HASH|RANDOM|KEY|PBKDF2|SCRYPT|HKDF|CIPHER|DERIVE|CHECKPRIME)/;

/**
 * Runs something and watches. Where the runtime can tell what belongs to a run (Node.js), what
 * comes back later is told, and what is read; elsewhere only what is read through the globals.
 */
export async function watched<Result>(run: () => Promise<Result>): Promise<Result & { readonly sightings: Sightings }> {
  const hooks = asyncHooks();
  const context = hooks === undefined ? undefined : new hooks.AsyncLocalStorage();
  const awaited = new Set<string>();
  const read = new Set<string>();
  const undecided = new Map<number, string>();
  const isOurs = (): boolean => context === undefined || context.getStore() === true;

  const resources = hooks?.createHook({
    init(id, type) {
      if (ofTheLanguage.has(type) || !isOurs()) return;
      const what = `${type === 'Timeout' ? 'a timer' : type} ${callerIn(new Error(), 1)}`;
      if (perhapsAtOnce.test(type)) undecided.set(id, what);
      else awaited.add(what);
    },
    before(id) {
      const what = undecided.get(id);
      if (what !== undefined) awaited.add(what);
    },
  });
  const restore = watchGlobals((name) => {
    if (isOurs()) read.add(`${name} ${callerIn(new Error(), 2)}`);
  });
  const { stackTraceLimit } = Error;
  // The runtime's own lines come before the caller's.
  Error.stackTraceLimit = 40;
  resources?.enable();
  try {
    const result = await (context === undefined ? run() : context.run(true, run));
    return { ...result, sightings: { awaited: [...awaited], read: [...read] } };
  } finally {
    resources?.disable();
    context?.disable();
    restore();
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function asyncHooks(): AsyncHooks | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.('node:async_hooks') as AsyncHooks | undefined;
}

/** Puts something in front of the globals that no seed decides, and returns what takes it away. */
function watchGlobals(seen: (name: string) => void): () => void {
  const restores: (() => void)[] = [];
  const watch = (owner: object, ownerName: string, name: string): void => {
    const original: unknown = Reflect.get(owner, name);
    if (typeof original !== 'function') return;
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    const value = function (this: unknown, ...parameters: unknown[]): unknown {
      seen(`${ownerName}${name}`);
      return Reflect.apply(original, this, parameters);
    };
    try {
      Object.defineProperty(owner, name, { value, configurable: true, writable: true });
    } catch {
      // Frozen by somebody else.
      return;
    }
    restores.push(() => {
      if (descriptor === undefined) Reflect.deleteProperty(owner, name);
      else Object.defineProperty(owner, name, descriptor);
    });
  };
  watch(Date, 'Date.', 'now');
  watch(Math, 'Math.', 'random');
  watch(performance, 'performance.', 'now');
  watch(globalThis.crypto, 'crypto.', 'getRandomValues');
  watch(globalThis.crypto, 'crypto.', 'randomUUID');
  watch(globalThis, '', 'fetch');
  return () => {
    for (const restore of restores) restore();
  };
}

/** Who called, as far as a stack tells: the first line after our own that is not the runtime's. */
function callerIn({ stack = '' }: Error, ownLines: number): string {
  const callers = stack.split('\n').slice(1 + ownLines);
  return callers.find((line) => !/node:|<anonymous>\)$/.test(line))?.trim() ?? '(by whom is not to be seen)';
}
