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

  get firstOrder(): number {
    return this.#order[0]!;
  }

  get firstItem(): number {
    return this.#item[0]!;
  }

  /** The number beside the first item. */
  get firstBeside(): number {
    return this.#beside[0]!;
  }

  push(key: number, order: number, item: number, beside: number): void {
    if (this.length === this.#key.length) this.#grow();
    const keys = this.#key;
    const orders = this.#order;
    let index = this.length++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const other = keys[parent]!;
      if (key > other || (key === other && order >= orders[parent]!)) break;
      this.#move(parent, index);
      index = parent;
    }
    this.#set(index, key, order, item, beside);
    this.firstKey = keys[0]!;
  }

  removeFirst(): void {
    const last = --this.length;
    if (last === 0) {
      this.firstKey = Infinity;
      return;
    }
    const keys = this.#key;
    const orders = this.#order;
    const key = keys[last]!;
    const order = orders[last]!;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= last) break;
      const right = child + 1;
      if (right < last && isBefore(keys[right]!, orders[right]!, keys[child]!, orders[child]!)) child = right;
      if (isBefore(key, order, keys[child]!, orders[child]!)) break;
      this.#move(child, index);
      index = child;
    }
    this.#set(index, key, order, this.#item[last]!, this.#beside[last]!);
    this.firstKey = keys[0]!;
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

function isBefore(key: number, order: number, otherKey: number, otherOrder: number): boolean {
  return key < otherKey || (key === otherKey && order < otherOrder);
}
