/** First in, first out, at a cost that does not grow with how many wait: `shift` on a long array moves all of it. */
export class FrontList<Item> {
  #items: (Item | undefined)[] = [];
  #front = 0;

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Takes out the first; `undefined` when there is none. */
  shift(): Item | undefined {
    const item = this.#items[this.#front];
    if (item === undefined) return undefined;
    this.#items[this.#front++] = undefined;
    // Seldom, and each time as many as have gone since.
    if (this.#front * 2 >= this.#items.length) {
      this.#items.splice(0, this.#front);
      this.#front = 0;
    }
    return item;
  }

  /** Takes out all, in order. */
  takeAll(): Item[] {
    const items = this.#items.slice(this.#front) as Item[];
    this.#items = [];
    this.#front = 0;
    return items;
  }
}
