/** Elements of a list in a flatbuffer: where the first one is, and how many there are. */
export interface FlatList {
  readonly at: number;
  readonly length: number;
}

/**
 * One table of a flatbuffer (flatbuffers.dev, internals), read with every bound checked: whatever
 * the bytes are, reading ends in a value or a RangeError. Fields are named by their position in
 * the schema.
 */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  readonly #fields: number;

  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
    this.#fields = at - view.getInt32(at, true);
  }

  /** The table that the whole buffer is about. */
  static root(view: DataView): FlatTable {
    return new FlatTable(view, view.getUint32(0, true));
  }

  byte(field: number): number {
    const at = this.#find(field);
    return at === undefined ? 0 : this.#view.getUint8(at);
  }

  long(field: number): number {
    const at = this.#find(field);
    return at === undefined ? 0 : Number(this.#view.getBigInt64(at, true));
  }

  table(field: number): FlatTable | undefined {
    const at = this.#find(field);
    return at === undefined ? undefined : new FlatTable(this.#view, at + this.#view.getUint32(at, true));
  }

  /** A list of elements of so many bytes, all of which are there. */
  list(field: number, elementBytes: number): FlatList {
    const at = this.#find(field);
    if (at === undefined) return { at: 0, length: 0 };
    const start = at + this.#view.getUint32(at, true);
    const length = this.#view.getUint32(start, true);
    if (start + 4 + length * elementBytes > this.#view.byteLength) throw new RangeError('a list ends early');
    return { at: start + 4, length };
  }

  tables(field: number): FlatTable[] {
    const { at, length } = this.list(field, 4);
    return Array.from({ length }, (_, index) => {
      const element = at + 4 * index;
      return new FlatTable(this.#view, element + this.#view.getUint32(element, true));
    });
  }

  /** Where the field's value is; undefined where it is left out. */
  #find(field: number): number | undefined {
    const slot = 4 + 2 * field;
    if (slot >= this.#view.getUint16(this.#fields, true)) return undefined;
    const offset = this.#view.getUint16(this.#fields + slot, true);
    return offset === 0 ? undefined : this.#at + offset;
  }
}
