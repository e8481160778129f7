import { LRUCache } from 'lru-cache';

/** Keeps values up to a total size; what was not asked for longest goes first. One larger than that is kept alone. */
export class SizedCache<V extends object | string> {
  readonly #values: LRUCache<string, V>;

  constructor(room: number, sizeOf: (value: V) => number) {
    const sizeCalculation = (value: V) => Math.min(Math.max(Math.ceil(sizeOf(value)), 1), room);
    this.#values = new LRUCache({ maxSize: room, sizeCalculation });
  }

  /** The value of that key; made where it is not there. */
  get(key: string, make: () => V): V {
    const found = this.#values.get(key);
    if (found !== undefined) return found;
    const value = make();
    this.#values.set(key, value);
    return value;
  }
}
