/** Rows of a block: large enough that a long column has few, small enough for a short one. */
const BLOCK_ROWS = 65_536;

/** Numbers that are added one by one. Takes little more memory than the column that comes of it, however long. */
export class GrowingColumn<Column extends Float64Array | Uint16Array> {
  length = 0;
  readonly #create: (length: number) => Column;
  #blocks: Column[] = [];
  #last: Column;

  constructor(create: (length: number) => Column) {
    this.#create = create;
    this.#last = create(0);
  }

  push(value: number): void {
    const at = this.length % BLOCK_ROWS;
    if (at === 0) {
      this.#last = this.#create(BLOCK_ROWS);
      this.#blocks.push(this.#last);
    }
    this.#last[at] = value;
    this.length++;
  }

  at(index: number): number {
    return this.#blocks[Math.floor(index / BLOCK_ROWS)]![index % BLOCK_ROWS]!;
  }

  /** The column as one; nothing is left here. */
  take(): Column {
    const column = this.#create(this.length);
    const blocks = this.#blocks;
    for (let at = 0; at < this.length; at += BLOCK_ROWS) {
      const block = blocks[at / BLOCK_ROWS]!;
      column.set(at + BLOCK_ROWS <= this.length ? block : block.subarray(0, this.length - at), at);
      // Let go at once: else a column of gigabytes would be there twice.
      blocks[at / BLOCK_ROWS] = this.#last;
    }
    this.#blocks = [];
    this.length = 0;
    return column;
  }
}
