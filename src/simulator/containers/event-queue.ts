import { ColumnHeap } from './column-heap.js';

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
  #count = 0;
  /** Subjects with their kinds, by time; the second key is kind × 2^48 + precedence × 2^32 + running number. */
  readonly #events = new ColumnHeap();

  /** `precedence` (below 2^16) orders events of one kind at one instant before their running number does. */
  push(atNs: number, kind: number, subject: number, precedence = 0): void {
    const order = kind * KIND + precedence * PRECEDENCE + this.#count++;
    this.#events.push(atNs, order, subject, kind);
    this.nextNs = this.#events.firstKey;
  }

  /** Takes the earliest event into `kind` and `subject`. */
  pop(): void {
    this.kind = this.#events.firstBeside;
    this.subject = this.#events.firstItem;
    this.#events.removeFirst();
    this.nextNs = this.#events.firstKey;
  }
}

/** Up to 31 kinds and 2^32 events keep the sum a whole number that a double holds. */
const KIND = 2 ** 48;
const PRECEDENCE = 2 ** 32;
