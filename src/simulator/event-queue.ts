import { doubled } from './doubled.js';

/**
 * Events that happen once at a time known in advance. They leave in order of time, then kind, then
 * precedence, then the order in which they were put in: the order at one instant is part of the
 * model, not an accident of the heap.
 */
export class EventQueue {
  /** When the earliest event is due; Infinity when there is none. */
  nextNs = Infinity;
  /** Kind of the event last taken. */
  kind = 0;
  /** What it is about, as whoever put it in says. */
  subject = 0;
  #length = 0;
  #count = 0;
  #timeNs = new Float64Array(64);
  /** Kind, precedence and running number in one number: kind × 2^50 + precedence × 2^36 + running number. */
  #order = new Float64Array(64);
  #kind = new Uint8Array(64);
  #subject = new Int32Array(64);

  /** `precedence` (below 2^14) orders events of one kind at one instant before their running number does. */
  push(atNs: number, kind: number, subject: number, precedence = 0): void {
    if (this.#length === this.#timeNs.length) this.#grow();
    const order = kind * KIND + precedence * PRECEDENCE + this.#count++;
    this.#siftUp(this.#length++, atNs, order, kind, subject);
    this.nextNs = this.#timeNs[0]!;
  }

  /** Takes the earliest event into `kind` and `subject`. */
  pop(): void {
    this.kind = this.#kind[0]!;
    this.subject = this.#subject[0]!;
    const last = --this.#length;
    if (last === 0) {
      this.nextNs = Infinity;
      return;
    }
    this.#siftDown(this.#timeNs[last]!, this.#order[last]!, this.#kind[last]!, this.#subject[last]!);
    this.nextNs = this.#timeNs[0]!;
  }

  #siftUp(start: number, atNs: number, order: number, kind: number, subject: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(atNs, order, parent)) break;
      this.#move(parent, index);
      index = parent;
    }
    this.#set(index, atNs, order, kind, subject);
  }

  #siftDown(atNs: number, order: number, kind: number, subject: number): void {
    const length = this.#length;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      const right = child + 1;
      if (right < length && this.#before(this.#timeNs[right]!, this.#order[right]!, child)) child = right;
      if (this.#before(atNs, order, child)) break;
      this.#move(child, index);
      index = child;
    }
    this.#set(index, atNs, order, kind, subject);
  }

  #before(atNs: number, order: number, index: number): boolean {
    const other = this.#timeNs[index]!;
    return atNs < other || (atNs === other && order < this.#order[index]!);
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#timeNs[from]!, this.#order[from]!, this.#kind[from]!, this.#subject[from]!);
  }

  #set(index: number, atNs: number, order: number, kind: number, subject: number): void {
    this.#timeNs[index] = atNs;
    this.#order[index] = order;
    this.#kind[index] = kind;
    this.#subject[index] = subject;
  }

  #grow(): void {
    this.#timeNs = doubled(this.#timeNs);
    this.#order = doubled(this.#order);
    this.#kind = doubled(this.#kind);
    this.#subject = doubled(this.#subject);
  }
}

const KIND = 2 ** 50;
const PRECEDENCE = 2 ** 36;
