import { GrowingColumn } from './growing-column.js';

/** On which line of its file each row stands: kept only where a row does not follow the one before, which few do. */
export class RowLines {
  readonly #rows = new GrowingColumn((length) => new Float64Array(length));
  readonly #lines = new GrowingColumn((length) => new Float64Array(length));
  #nextLine = Number.NaN;

  /** `row` is one more than the last that was added. */
  add(row: number, line: number): void {
    if (line !== this.#nextLine) {
      this.#rows.push(row);
      this.#lines.push(line);
    }
    this.#nextLine = line + 1;
  }

  lineOf(row: number): number {
    let low = 0;
    let high = this.#rows.length;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#rows.at(middle) <= row) low = middle;
      else high = middle;
    }
    return this.#lines.at(low) + row - this.#rows.at(low);
  }
}
