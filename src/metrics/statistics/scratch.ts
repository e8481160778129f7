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

  /** So many numbers; what they are is left over from earlier ones. As the next four. */
  float64(length: number): Float64Array {
    return this.#column(Float64Array, length);
  }

  uint32(length: number): Uint32Array {
    return this.#column(Uint32Array, length);
  }

  int32(length: number): Int32Array {
    return this.#column(Int32Array, length);
  }

  float32(length: number): Float32Array {
    return this.#column(Float32Array, length);
  }

  uint8(length: number): Uint8Array {
    return this.#column(Uint8Array, length);
  }

  /** Where there is no room for it, in memory of its own; the next {@link clear} makes room for as many. */
  #column<T>(
    type: { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer, at: number, length: number): T },
    length: number,
  ): T {
    const bytes = type.BYTES_PER_ELEMENT * length;
    const at = this.#used;
    this.#used += 8 * Math.ceil(bytes / 8);
    return this.#used <= this.#buffer.byteLength
      ? new type(this.#buffer, at, length)
      : new type(new ArrayBuffer(bytes), 0, length);
  }
}
