/** Keeps values up to a total size; what was not asked for longest goes first. */
export class SizedCache<V> {
  readonly #room: number;
  readonly #sizeOf: (value: V) => number;
  readonly #values = new Map<string, V>();
  #size = 0;

  constructor(room: number, sizeOf: (value: V) => number) {
    this.#room = room;
    this.#sizeOf = sizeOf;
  }

  /** The value of that key; made where it is not there. */
  get(key: string, make: () => V): V {
    const found = this.#values.get(key);
    const value = found ?? make();
    if (found === undefined) this.#size += this.#sizeOf(value);
    else this.#values.delete(key);
    this.#values.set(key, value);
    this.#shrink();
    return value;
  }

  #shrink(): void {
    for (const [key, value] of this.#values) {
      if (this.#size <= this.#room || this.#values.size === 1) return;
      this.#values.delete(key);
      this.#size -= this.#sizeOf(value);
    }
  }
}
