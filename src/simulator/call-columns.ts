import { doubled } from './containers/doubled.js';

/** Of each row of a request table which model was called and by whom: kept where models call others. */
export class CallColumns {
  #length = 0;
  /** The row of the call that made it; -1: a client did. */
  parent = new Int32Array(1024);
  /** Index among the component's served models. */
  model = new Uint16Array(1024);
  /** When its last response had left the model; NaN: not yet. */
  leftNs = new Float64Array(1024);

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
