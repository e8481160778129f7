import { doubled } from '../containers/doubled.js';

/** Table row of each request of one served model, by its position in the queue, and where it asks for them its priority and timeout. */
export class AdmittedRows {
  #length = 0;
  #rows: Int32Array;
  priorities: Uint32Array;
  timeoutsUs: Float64Array;
  readonly #hasPolicy: boolean;

  constructor(capacity: number, hasPolicy: boolean) {
    this.#rows = new Int32Array(capacity);
    this.#hasPolicy = hasPolicy;
    this.priorities = new Uint32Array(hasPolicy ? capacity : 0);
    this.timeoutsUs = new Float64Array(hasPolicy ? capacity : 0);
  }

  add(row: number, priority: number, timeoutUs: number): void {
    if (this.#length === this.#rows.length) this.#grow();
    const position = this.#length++;
    this.#rows[position] = row;
    if (!this.#hasPolicy) return;
    this.priorities[position] = priority;
    this.timeoutsUs[position] = timeoutUs;
  }

  rowAt(position: number): number {
    return this.#rows[position]!;
  }

  #grow(): void {
    this.#rows = doubled(this.#rows);
    this.priorities = doubled(this.priorities);
    this.timeoutsUs = doubled(this.timeoutsUs);
  }
}
