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
  /**
   * The earliest event stands in front of the heap, if it was put in as the earliest: most events set the very next one, and
   * the heap hears nothing of them.
   */
  #isInFront = false;
  #frontKind = 0;
  #frontSubject = 0;
  #nextOrder = Infinity;
  /** Subjects with their kinds, by time; the second key is kind × 2^48 + precedence × 2^32 + running number. */
  readonly #events = new ColumnHeap();

  /** `precedence` (below 2^16) orders events of one kind at one instant before their running number does. */
  push(atNs: number, kind: number, subject: number, precedence = 0): void {
    const order = kind * KIND + precedence * PRECEDENCE + this.#count++;
    if (atNs > this.nextNs || (atNs === this.nextNs && order > this.#nextOrder)) {
      this.#events.push(atNs, order, subject, kind);
      return;
    }
    if (this.#isInFront) this.#events.push(this.nextNs, this.#nextOrder, this.#frontSubject, this.#frontKind);
    this.#isInFront = true;
    this.#frontKind = kind;
    this.#frontSubject = subject;
    this.#nextOrder = order;
    this.nextNs = atNs;
  }

  /** Kind of the earliest event. */
  get nextKind(): number {
    return this.#isInFront ? this.#frontKind : this.#events.firstBeside;
  }

  /** Takes the earliest event into `kind` and `subject`. */
  pop(): void {
    const events = this.#events;
    if (this.#isInFront) {
      this.#isInFront = false;
      this.kind = this.#frontKind;
      this.subject = this.#frontSubject;
    } else {
      this.kind = events.firstBeside;
      this.subject = events.firstItem;
      events.removeFirst();
    }
    this.nextNs = events.firstKey;
    this.#nextOrder = events.firstOrder;
  }
}

/** Up to 31 kinds and 2^32 events keep the sum a whole number that a double holds. */
const KIND = 2 ** 48;
const PRECEDENCE = 2 ** 32;
