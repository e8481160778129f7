import { InputError, type Place } from '../base/problem.js';
import { remembered } from '../base/remembered.js';
import { buildTrace } from './build.js';
import { DEFAULT_TENANT, MAX_TENANTS, OPTIONAL_COLUMN_SPECS } from './columns.js';
import { GrowingColumn } from './growing-column.js';
import type { TraceMeta } from './meta.js';
import { RowLines } from './row-lines.js';
import { RowProblems, SHOWN } from './row-problems.js';
import { OPTIONAL_COLUMNS, type OptionalColumn, type Trace } from './trace.js';

export interface ReadOptions {
  /** Name of the file, for messages. */
  readonly file?: string | undefined;
  /** Sort rows by arrival. Default: unsorted rows are a problem. */
  readonly sort?: boolean | undefined;
  /** Whose requests they are where the file, or a row of it, names no tenant. Default `default`. */
  readonly tenant?: string | undefined;
}

/** Where the file is, for problems. */
export function placeOf(options: { readonly file?: string | undefined }): Place {
  return options.file === undefined ? {} : { file: options.file };
}

/** Reads a trace whose text comes piece by piece, cut anywhere. */
export interface TraceReader {
  /** @throws InputError where the rest of the text is not worth reading, with every problem until there */
  push(text: string): void;
  /** Once, after all text. @throws InputError with every problem */
  finish(): Trace;
  /** Afterwards: what must be said of the requests, such as that some name no tenant. */
  notes?(): string[];
}

/** What the reader makes of a text that is there as a whole. */
export function readWhole(text: string, reader: TraceReader): Trace {
  reader.push(text);
  return reader.finish();
}

/** Hands the text on to what reads its rows, and makes a trace of them where none is wrong. */
export function rowReader(
  rows: Pick<TraceReader, 'push'> & { finish(): void },
  problems: RowProblems,
  toTrace: () => Trace,
): TraceReader {
  return {
    push: (text) => rows.push(text),
    finish: () => {
      rows.finish();
      problems.throwIfAny();
      return toTrace();
    },
  };
}

/**
 * Has the rows of a trace gathered as its text comes. What is thrown while they are read ends the reading: it is told with
 * all that was wrong before.
 * @param check what must hold at the end of the text
 */
export function gatheringReader(
  text: { push(text: string): void; finish(): void },
  rows: TraceRows,
  check = () => {},
): TraceReader {
  const read = (step: () => void) => {
    if (!rows.problems.gather(step)) rows.finish();
  };
  return {
    push: (piece) => read(() => text.push(piece)),
    finish: () => {
      read(() => text.finish());
      check();
      return rows.finish();
    },
  };
}

/** Gathers the rows of a file into columns. Tenants are numbered in the order in which they appear. */
export class TraceRows {
  /** What is wrong with the file besides values in rows; told by {@link finish} with those. */
  readonly problems: RowProblems;
  readonly #options: ReadOptions;
  readonly #arrivalUs = float64s();
  readonly #tenant = new GrowingColumn((length) => new Uint16Array(length));
  readonly #lines = new RowLines();
  readonly #tenants = new Map<string, number>();
  readonly #optional: Partial<Record<OptionalColumn, GrowingColumn<Float64Array>>> = {};
  readonly #written = new Map<string, Map<number, { readonly value: unknown }>>();
  #meta: TraceMeta = {};

  constructor(options: ReadOptions = {}) {
    this.#options = options;
    this.problems = new RowProblems(placeOf(options));
  }

  /** Facts on the whole trace, before its first row. */
  describe(meta: TraceMeta): void {
    this.#meta = meta;
    for (const name of meta.tenants ?? []) this.#indexOf(name);
  }

  /**
   * Begins a row. Values are checked at the end, by {@link finish}.
   * @throws InputError where there are more tenants than a trace can hold
   */
  add(line: number, arrivalUs: number, tenant?: string): void {
    const index = this.#indexOf(tenant ?? this.#options.tenant ?? DEFAULT_TENANT, line);
    this.#lines.add(this.#arrivalUs.length, line);
    this.#arrivalUs.push(arrivalUs);
    this.#tenant.push(index);
  }

  /** Sets a value in the row begun last. */
  set(key: OptionalColumn, value: number): void {
    const values = this.#column(key, this.#arrivalUs.length - 1);
    values.push(value);
  }

  /** What stands in place of a number in the row begun last, for the message about it: only the first are told. */
  noteWritten(column: string, value: unknown): void {
    const ofColumn = remembered(this.#written, column, () => new Map());
    if (ofColumn.size < SHOWN) ofColumn.set(this.#arrivalUs.length - 1, { value });
  }

  /** @throws InputError with `problems` and the line of every wrong value */
  finish(): Trace {
    const optional: Partial<Record<OptionalColumn, Float64Array>> = {};
    for (const key of OPTIONAL_COLUMNS) {
      if (this.#optional[key] !== undefined) optional[key] = this.#column(key, this.#arrivalUs.length).take();
    }
    return buildTrace(
      {
        ...optional,
        arrivalUs: this.#arrivalUs.take(),
        tenant: this.#tenant.take(),
        tenants: [...this.#tenants.keys()],
        durationUs: this.#meta.durationUs,
        source: this.#meta.source,
      },
      {
        sort: this.#options.sort,
        lineOf: (row) => this.#lines.lineOf(row),
        problems: this.problems,
        written: (row, column) => this.#written.get(column)?.get(row),
      },
    );
  }

  /** The column, with rows that said nothing up to `length` at its default. */
  #column(key: OptionalColumn, length: number): GrowingColumn<Float64Array> {
    const values = this.#optional[key] ?? float64s();
    this.#optional[key] = values;
    while (values.length < length) values.push(OPTIONAL_COLUMN_SPECS[key].default);
    return values;
  }

  #indexOf(name: string, line?: number): number {
    const known = this.#tenants.get(name);
    if (known !== undefined) return known;
    const index = this.#tenants.size;
    if (index >= MAX_TENANTS && line !== undefined) {
      const what = `this row has one tenant more than the ${MAX_TENANTS} that a trace can hold`;
      throw InputError.of(what, 'map the sources onto fewer tenants', { ...placeOf(this.#options), line });
    }
    this.#tenants.set(ownCopy(name), index);
    return index;
  }
}

/** Values are checked before they get the column's own width. */
function float64s(): GrowingColumn<Float64Array> {
  return new GrowingColumn((length) => new Float64Array(length));
}

/** A text of its own: a part of another may keep the whole of it in memory. */
export function ownCopy(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}
