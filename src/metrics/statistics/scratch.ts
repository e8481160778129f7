/**
 * Memory for columns that are needed only until a component is measured, the same again for the next one. New columns for
 * each would have to be got from the system, cleared and collected, which threads of one process do in each other's way.
 */
export class Scratch {
  #buffer = new ArrayBuffer(0);
  #used = 0;

  /** Takes back all columns that were given. */
  clear(): void {
    if (this.#used > this.#buffer.byteLength) this.#buffer = new ArrayBuffer(this.#used);
    this.#used = 0;
  }

  /** So many numbers; what they are is left over from earlier ones. */
  float64(length: number): Float64Array {
    const at = this.#take(8 * length);
    return at === undefined ? new Float64Array(length) : new Float64Array(this.#buffer, at, length);
  }

  /** As {@link float64}. */
  uint32(length: number): Uint32Array {
    const at = this.#take(4 * length);
    return at === undefined ? new Uint32Array(length) : new Uint32Array(this.#buffer, at, length);
  }

  /** As {@link float64}. */
  int32(length: number): Int32Array {
    const at = this.#take(4 * length);
    return at === undefined ? new Int32Array(length) : new Int32Array(this.#buffer, at, length);
  }

  /** As {@link float64}. */
  float32(length: number): Float32Array {
    const at = this.#take(4 * length);
    return at === undefined ? new Float32Array(length) : new Float32Array(this.#buffer, at, length);
  }

  /** As {@link float64}. */
  uint8(length: number): Uint8Array {
    const at = this.#take(length);
    return at === undefined ? new Uint8Array(length) : new Uint8Array(this.#buffer, at, length);
  }

  /** Where so many bytes are free; undefined: not before the next {@link clear}, which makes room for as many. */
  #take(bytes: number): number | undefined {
    const at = this.#used;
    this.#used += 8 * Math.ceil(bytes / 8);
    return this.#used <= this.#buffer.byteLength ? at : undefined;
  }
}
