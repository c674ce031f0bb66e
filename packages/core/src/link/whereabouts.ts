/**
 * Which requests are with which instance, where the transport tells. Those answered meanwhile are forgotten now and then only:
 * so nothing has to be done when an answer comes.
 */
export class Whereabouts {
  readonly #numbers = new Map<string, Set<number>>();

  /** @param pending what is still awaited */
  note(number: number, instance: string, pending: ReadonlyMap<number, unknown>): void {
    let numbers = this.#numbers.get(instance);
    if (numbers === undefined) this.#numbers.set(instance, (numbers = new Set()));
    numbers.add(number);
    if (numbers.size <= fewNumbers || numbers.size <= 2 * pending.size) return;
    for (const one of numbers) if (!pending.has(one)) numbers.delete(one);
  }

  /** A request is not with this instance after all. */
  forget(number: number, instance: string): void {
    this.#numbers.get(instance)?.delete(number);
  }

  /** Takes out the requests that went to this instance. */
  take(instance: string): Iterable<number> {
    const numbers = this.#numbers.get(instance);
    this.#numbers.delete(instance);
    return numbers ?? [];
  }
}

/** Up to so many numbers are kept without looking whether they are still awaited. */
const fewNumbers = 1_024;
