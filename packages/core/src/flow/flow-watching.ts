import type { HappenError } from '../errors/happen-error.js';
import type { FlowRecord } from './flow-record.js';
import type { Handled } from './step.js';

/** What looks on while a flow runs. None of its methods throws of itself. */
export interface FlowWatching {
  /** Calls `run(flow)` once; what that throws is thrown. */
  within(run: (flow: FlowRecord) => void, flow: FlowRecord): void;
  streaming(): void;
  ended(value: unknown, error: HappenError | undefined): void;
}

/** What is asked before each flow of a space. */
export interface FlowInterceptor {
  /** @throws HappenError `HAPPEN_REFUSED` when the flow must not run */
  begin(nodeId: string, handled: Handled, flow: FlowRecord): FlowWatching | undefined;
}

/** Stands for what a step would have thrown where a flow was refused before its first step. */
export class FlowRefusal {
  readonly #error: HappenError;

  constructor(error: HappenError) {
    this.#error = error;
  }

  /** The error, if what was thrown is a refusal; it may be anything, also what can't be looked at. */
  static errorOf(thrown: unknown): HappenError | undefined {
    return typeof thrown === 'object' && thrown !== null && #error in thrown ? thrown.#error : undefined;
  }
}
