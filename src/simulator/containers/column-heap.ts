import { doubled } from './doubled.js';

/**
 * Items in order of a key; where keys are equal, of a second number. Each item is a whole number to its owner, with another
 * number beside it. Flat columns: millions of items cost no objects.
 */
export class ColumnHeap {
  length = 0;
  /** Infinity when there is no item. */
  firstKey = Infinity;
  #key = new Float64Array(64);
  #order = new Float64Array(64);
  #item = new Int32Array(64);
  #beside = new Float64Array(64);

  get firstItem(): number {
    return this.#item[0]!;
  }

  /** The number beside the first item. */
  get firstBeside(): number {
    return this.#beside[0]!;
  }

  push(key: number, order: number, item: number, beside: number): void {
    if (this.length === this.#key.length) this.#grow();
    let index = this.length++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(key, order, parent)) break;
      this.#move(parent, index);
      index = parent;
    }
    this.#set(index, key, order, item, beside);
    this.firstKey = this.#key[0]!;
  }

  removeFirst(): void {
    const last = --this.length;
    if (last === 0) {
      this.firstKey = Infinity;
      return;
    }
    const key = this.#key[last]!;
    const order = this.#order[last]!;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= last) break;
      const right = child + 1;
      if (right < last && this.#before(this.#key[right]!, this.#order[right]!, child)) child = right;
      if (this.#before(key, order, child)) break;
      this.#move(child, index);
      index = child;
    }
    this.#set(index, key, order, this.#item[last]!, this.#beside[last]!);
    this.firstKey = this.#key[0]!;
  }

  #before(key: number, order: number, index: number): boolean {
    const other = this.#key[index]!;
    return key < other || (key === other && order < this.#order[index]!);
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#key[from]!, this.#order[from]!, this.#item[from]!, this.#beside[from]!);
  }

  #set(index: number, key: number, order: number, item: number, beside: number): void {
    this.#key[index] = key;
    this.#order[index] = order;
    this.#item[index] = item;
    this.#beside[index] = beside;
  }

  #grow(): void {
    this.#key = doubled(this.#key);
    this.#order = doubled(this.#order);
    this.#item = doubled(this.#item);
    this.#beside = doubled(this.#beside);
  }
}
