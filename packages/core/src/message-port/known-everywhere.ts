/** Finds out when everybody elsewhere knows what an end has told: each is asked to say that he has come so far. */
interface Round {
  readonly awaited: Set<string>;
  readonly done: () => void;
}

export class KnownEverywhere {
  readonly #rounds = new Map<number, Round>();
  #number = 0;

  /**
   * Resolves when all of them have answered, but for those that end meanwhile.
   *
   * @param ask sends the question to one of them, under a number that its answer repeats
   */
  ask<Party extends { readonly id: string }>(
    parties: readonly Party[],
    ask: (party: Party, number: number) => void,
  ): Promise<void> {
    if (parties.length === 0) return nobody;
    const number = ++this.#number;
    return new Promise((resolve) => {
      const done = (): void => {
        this.#rounds.delete(number);
        resolve();
      };
      this.#rounds.set(number, { awaited: new Set(parties.map(({ id }) => id)), done });
      for (const party of parties) ask(party, number);
    });
  }

  answered(number: number, partyId: string): void {
    const round = this.#rounds.get(number);
    if (round !== undefined) this.#strike(round, partyId);
  }

  /** It will answer nothing any more. */
  gone(partyId: string): void {
    for (const round of [...this.#rounds.values()]) this.#strike(round, partyId);
  }

  /** Nobody is waited for any more. */
  end(): void {
    for (const { done } of [...this.#rounds.values()]) done();
  }

  #strike({ awaited, done }: Round, partyId: string): void {
    awaited.delete(partyId);
    if (awaited.size === 0) done();
  }
}

const nobody: Promise<void> = Promise.resolve();
