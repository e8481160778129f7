import { doubled } from './containers/doubled.js';

/** Of each row of a request table which model was called and by whom: kept where models call others. */
export class CallColumns {
  #length = 0;
  /** The row of the call that made it; -1: a client did. */
  parent: Int32Array;
  /** Index among the component's served models. */
  model: Uint16Array;
  /** When its last response had left the model; NaN: not yet. */
  leftNs: Float64Array;

  constructor(capacity: number) {
    const rows = Math.max(16, capacity);
    this.parent = new Int32Array(rows);
    this.model = new Uint16Array(rows);
    this.leftNs = new Float64Array(rows);
  }

  /** Appends the next row. */
  add(parent: number, model: number): void {
    if (this.#length === this.parent.length) this.#grow();
    const row = this.#length++;
    this.parent[row] = parent;
    this.model[row] = model;
    this.leftNs[row] = Number.NaN;
  }

  #grow(): void {
    this.parent = doubled(this.parent);
    this.model = doubled(this.model);
    this.leftNs = doubled(this.leftNs);
  }
}
