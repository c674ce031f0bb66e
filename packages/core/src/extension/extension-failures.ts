/**
 * Tells what goes wrong in hooks. A hook that fails at each event would flood whoever listens, and a listener that sends
 * something would make it fail again: of each hook the first failure is told, and then at most one in a second.
 */
import { describeThrown } from '../errors/describe-thrown.js';
import { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';

const leastIntervalMs = 1_000;

export class ExtensionFailures {
  readonly #clock: { monotonic(): number };
  readonly #tell: (error: HappenError, nodeId: string, event: HappenEvent | undefined) => void;
  /** By extension and hook, of which there are few. */
  readonly #hooks = new Map<string, { toldAt: number; untold: number }>();

  constructor(
    clock: { monotonic(): number },
    tell: (error: HappenError, nodeId: string, event: HappenEvent | undefined) => void,
  ) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** @param hook - which one, such as `flow.ended` */
  add(extension: string, hook: string, thrown: unknown, nodeId: string, event: HappenEvent | undefined): void {
    const now = this.#clock.monotonic();
    const name = `${extension}\u0000${hook}`;
    const before = this.#hooks.get(name);
    if (before !== undefined && now - before.toldAt < leastIntervalMs) {
      before.untold++;
      return;
    }
    const untold = before?.untold ?? 0;
    this.#hooks.set(name, { toldAt: now, untold: 0 });
    const { message } = describeThrown(thrown);
    const error = new HappenError(
      'HAPPEN_EXTENSION_FAILED',
      `The hook "${hook}" of the extension "${extension}" failed, which changed nothing else: ${message}`,
      { cause: thrown, details: { extension, hook, node: nodeId, untold } },
    );
    this.#tell(error, nodeId, event);
  }

  /** Hears of the rejection of a hook that is an async function, against its contract. */
  watch(outcome: unknown, extension: string, hook: string, nodeId: string, event: HappenEvent | undefined): void {
    if (!(outcome instanceof Promise)) return;
    outcome.catch((thrown: unknown) => this.add(extension, hook, thrown, nodeId, event));
  }
}

/** An extension does not let something happen. */
export function refused(extension: string, what: string, thrown: unknown): HappenError {
  const { name, message } = describeThrown(thrown);
  return new HappenError('HAPPEN_REFUSED', `The extension "${extension}" refused ${what}: ${message}`, {
    cause: thrown,
    details: { extension, name, message },
  });
}
