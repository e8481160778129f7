/**
 * How many requests are somewhere (in the system, in a queue) over time, in equal slices of a window:
 * the mean in each slice and the number at each edge between slices.
 */
export class Occupancy {
  readonly #fromUs: number;
  readonly #sliceUs: number;
  readonly #slices: number;
  /** Request time spent inside each slice, but for slices that are covered from end to end. */
  readonly #partial: Float64Array;
  /** Differences of the number of requests that cover a slice from end to end. */
  readonly #whole: Float64Array;
  /** Differences of the number of requests present at an edge. */
  readonly #edge: Float64Array;

  constructor(window: { readonly fromUs: number; readonly toUs: number; readonly slices: number }) {
    this.#fromUs = window.fromUs;
    this.#slices = window.slices;
    this.#sliceUs = (window.toUs - window.fromUs) / window.slices;
    this.#partial = new Float64Array(window.slices);
    this.#whole = new Float64Array(window.slices + 1);
    this.#edge = new Float64Array(window.slices + 2);
  }

  /** One request was there from `startUs` until just before `endUs`; Infinity: it never left. */
  add(startUs: number, endUs: number): void {
    const slices = this.#slices;
    const start = Math.max(0, (startUs - this.#fromUs) / this.#sliceUs);
    const end = (endUs - this.#fromUs) / this.#sliceUs;
    if (!(start <= slices && end > start)) return;
    const slice = Math.floor(start);
    // Within one slice, as most requests are, it is at no edge, and no other slice holds any of it.
    if (start > slice && end <= slice + 1) {
      this.#partial[slice]! += end - start;
      return;
    }
    this.#edge[Math.ceil(start)]!++;
    this.#edge[Math.min(slices + 1, Math.ceil(end))]!--;
    this.#addArea(start, Math.min(slices, end));
  }

  #addArea(start: number, end: number): void {
    if (end <= start) return;
    const first = Math.floor(start);
    const last = Math.floor(end);
    if (first === last) {
      this.#partial[first]! += end - start;
      return;
    }
    this.#partial[first]! += first + 1 - start;
    if (last < this.#slices) this.#partial[last]! += end - last;
    this.#whole[first + 1]!++;
    this.#whole[last]!--;
  }

  means(): number[] {
    let covering = 0;
    return Array.from(this.#partial, (partial, slice) => {
      covering += this.#whole[slice]!;
      return covering + partial;
    });
  }

  /** Number present at each edge: `slices + 1` of them, the first at the start of the window. */
  atEdges(): number[] {
    let present = 0;
    return Array.from({ length: this.#slices + 1 }, (_, edge) => {
      present += this.#edge[edge]!;
      return present;
    });
  }
}
