import { Outcome } from '../../trace/request-log.js';

const KINDS = {
  tenant: Uint16Array,
  server: Uint16Array,
  batchSize: Uint16Array,
  plannedUs: Float64Array,
  /** When nothing but the generator kept the request from leaving; its lag counts from here. */
  dueUs: Float64Array,
  sentUs: Float64Array,
  endedUs: Float64Array,
  outcome: Uint8Array,
  /** Those of a stream that have come, and when the first one did; 0 and NaN of other requests. */
  responses: Uint32Array,
  firstUs: Float64Array,
};

type ColumnName = keyof typeof KINDS;

/** What the generator notes of requests, as columns in order of sending; times in microseconds since the start. */
export type RequestColumns = { readonly [Name in ColumnName]: InstanceType<(typeof KINDS)[Name]> };

export const COLUMNS = Object.keys(KINDS) as readonly ColumnName[];

/** What is known of a request when it leaves. */
const SENT_COLUMNS = ['tenant', 'server', 'batchSize', 'plannedUs', 'dueUs', 'sentUs'] as const;
type SentColumn = (typeof SENT_COLUMNS)[number];

const CHUNK_BITS = 15;
const CHUNK_ROWS = 1 << CHUNK_BITS;

/**
 * Rows of a run under way. How many a closed loop will send is not known before, and a growing array would
 * be copied while the load runs, which shows as a stall: rows lie in chunks that never move.
 */
export class RequestRows {
  readonly #chunks: RequestColumns[] = [];
  #length = 0;

  /** Makes room for that many rows; more are taken as they come. */
  constructor(expected: number) {
    while (this.#chunks.length * CHUNK_ROWS < expected) this.#chunks.push(emptyColumns(CHUNK_ROWS));
  }

  get length(): number {
    return this.#length;
  }

  /** A new row at the end, of a request without an answer. */
  add(sent: Readonly<Record<SentColumn, number>>): number {
    if (this.#length === this.#chunks.length * CHUNK_ROWS) this.#chunks.push(emptyColumns(CHUNK_ROWS));
    const row = this.#length++;
    const [columns, at] = [this.chunkOf(row), rowInChunk(row)];
    for (const name of SENT_COLUMNS) columns[name][at] = sent[name];
    columns.endedUs[at] = Number.NaN;
    columns.firstUs[at] = Number.NaN;
    columns.outcome[at] = Outcome.unfinished;
    return row;
  }

  /** The columns in which a row lies; its place in them is {@link rowInChunk}. */
  chunkOf(row: number): RequestColumns {
    return this.#chunks[row >>> CHUNK_BITS]!;
  }

  toColumns(): RequestColumns {
    const all = emptyColumns(this.#length);
    this.#chunks.forEach((chunk, i) => {
      const rows = Math.min(CHUNK_ROWS, this.#length - i * CHUNK_ROWS);
      if (rows <= 0) return;
      for (const name of COLUMNS) all[name].set(chunk[name].subarray(0, rows), i * CHUNK_ROWS);
    });
    return all;
  }
}

export function rowInChunk(row: number): number {
  return row & (CHUNK_ROWS - 1);
}

export function emptyColumns(rows: number): RequestColumns {
  return Object.fromEntries(COLUMNS.map((name) => [name, new KINDS[name](rows)])) as RequestColumns;
}
