/**
 * Tells when events pile up at nodes, and when that is over, from nothing but the lengths of their queues.
 *
 * Invariants:
 * 1. Nothing is done here but when a queue has crossed a boundary: no timers, no probes.
 * 2. The system is down while more than half of the nodes that listen to anything, two at least, are behind; critically so
 *    while as many are severely behind. Each is told once, until it is over.
 */
import type { LagSeverity } from '../node/lag.js';
import type { SystemEvents, SystemEventType } from './system-events.js';

/** What the balance needs from its space. */
export interface FlowBalanceHost {
  /** How many nodes listen to anything. */
  listening(): number;
  emit<T extends SystemEventType>(type: T, payload: SystemEvents[T]): void;
}

export class FlowBalance {
  readonly #host: FlowBalanceHost;
  readonly #behind = new Map<string, LagSeverity>();
  #level: 'warning' | 'critical' | undefined;

  constructor(host: FlowBalanceHost) {
    this.#host = host;
  }

  fellBehind(nodeId: string, severity: LagSeverity, messagesWaiting: number): void {
    this.#behind.set(nodeId, severity);
    const before = this.#level;
    this.#weigh();
    const pattern = this.#level === undefined ? 'processing-bottleneck' : 'system-overload';
    const affectedNodes = this.#affected();
    this.#host.emit('node.down', { nodeId, lagMetrics: { messagesWaiting }, pattern, affectedNodes, severity });
    if (this.#level === undefined || this.#level === before || before === 'critical') return;
    this.#host.emit('system.down', { level: this.#level, affectedNodes, pattern });
  }

  caughtUp(nodeId: string): void {
    const affectedNodes = this.#affected();
    this.#behind.delete(nodeId);
    this.#host.emit('node.up', { nodeId });
    if (this.#level === undefined) return;
    this.#weigh();
    if (this.#level === undefined) this.#host.emit('system.up', { affectedNodes });
  }

  /** Once critical it stays so until it is over, so that it is not told again and again. */
  #weigh(): void {
    const most = this.#behind.size < 2 ? Number.POSITIVE_INFINITY : Math.max(2, (this.#host.listening() >> 1) + 1);
    if (this.#behind.size < most) {
      this.#level = undefined;
      return;
    }
    if (this.#level === 'critical') return;
    let severe = 0;
    for (const severity of this.#behind.values()) if (severity === 'severe') severe++;
    this.#level = severe < most ? 'warning' : 'critical';
  }

  #affected(): readonly string[] {
    return Object.freeze([...this.#behind.keys()]);
  }
}
