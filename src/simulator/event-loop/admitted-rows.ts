import { doubled } from '../containers/doubled.js';

/** Table row, priority and queue timeout of each request of one served model, by its position in the queue. */
export class AdmittedRows {
  #length = 0;
  #rows = new Int32Array(1024);
  priorities = new Uint32Array(1024);
  timeoutsUs = new Float64Array(1024);

  add(row: number, priority: number, timeoutUs: number): void {
    if (this.#length === this.#rows.length) this.#grow();
    const position = this.#length++;
    this.#rows[position] = row;
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
