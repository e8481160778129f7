import { Outcome } from '../../trace/request-log.js';

/** What the generator notes of requests, as columns in order of sending; times in microseconds since the start. */
export interface RequestColumns {
  readonly tenant: Uint16Array;
  readonly server: Uint16Array;
  readonly batchSize: Uint16Array;
  readonly plannedUs: Float64Array;
  /** When nothing but the generator kept the request from leaving; its lag counts from here. */
  readonly dueUs: Float64Array;
  readonly sentUs: Float64Array;
  readonly endedUs: Float64Array;
  readonly outcome: Uint8Array;
  /** Those of a stream that have come, and when the first one did; 0 and NaN of other requests. */
  readonly responses: Uint32Array;
  readonly firstUs: Float64Array;
}

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
  return {
    tenant: new Uint16Array(rows),
    server: new Uint16Array(rows),
    batchSize: new Uint16Array(rows),
    plannedUs: new Float64Array(rows),
    dueUs: new Float64Array(rows),
    sentUs: new Float64Array(rows),
    endedUs: new Float64Array(rows),
    outcome: new Uint8Array(rows),
    responses: new Uint32Array(rows),
    firstUs: new Float64Array(rows),
  };
}

export const COLUMNS = [
  'tenant',
  'server',
  'batchSize',
  'plannedUs',
  'dueUs',
  'sentUs',
  'endedUs',
  'outcome',
  'responses',
  'firstUs',
] as const satisfies readonly (keyof RequestColumns)[];
