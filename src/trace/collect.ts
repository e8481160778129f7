import type { Place } from '../base/problem.js';
import { buildTrace } from './build.js';
import { DEFAULT_TENANT, OPTIONAL_COLUMN_SPECS } from './columns.js';
import type { TraceMeta } from './meta.js';
import { RowProblems } from './row-problems.js';
import { OPTIONAL_COLUMNS, type OptionalColumn, type Trace } from './trace.js';

/** How a trace file is read. */
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

/** Gathers the rows of a file into columns. Tenants are numbered in the order in which they appear. */
export class TraceRows {
  /** What is wrong with the file besides values in rows; told by {@link finish} with those. */
  readonly problems: RowProblems;
  readonly #options: ReadOptions;
  readonly #arrivalUs: number[] = [];
  readonly #tenant: number[] = [];
  readonly #lines: number[] = [];
  readonly #tenants = new Map<string, number>();
  readonly #optional: Partial<Record<OptionalColumn, number[]>> = {};
  readonly #written = new Map<string, string>();
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

  /** Begins a row. Values are checked at the end, by {@link finish}. */
  add(line: number, arrivalUs: number, tenant?: string): void {
    this.#arrivalUs.push(arrivalUs);
    this.#tenant.push(this.#indexOf(tenant ?? this.#options.tenant ?? DEFAULT_TENANT));
    this.#lines.push(line);
  }

  /** Sets a value in the row begun last. */
  set(key: OptionalColumn, value: number): void {
    const values = this.#column(key, this.#arrivalUs.length - 1);
    values.push(value);
  }

  /** How a value that is no number was written in the row begun last, for the message about it. */
  noteWritten(column: string, text: string): void {
    this.#written.set(writtenKey(this.#arrivalUs.length - 1, column), text);
  }

  /** @throws InputError with `problems` and the line of every wrong value */
  finish(): Trace {
    for (const key of OPTIONAL_COLUMNS) {
      if (this.#optional[key] !== undefined) this.#column(key, this.#arrivalUs.length);
    }
    return buildTrace(
      {
        ...this.#optional,
        arrivalUs: this.#arrivalUs,
        tenant: this.#tenant,
        tenants: [...this.#tenants.keys()],
        durationUs: this.#meta.durationUs,
        source: this.#meta.source,
      },
      {
        sort: this.#options.sort,
        lines: this.#lines,
        problems: this.problems,
        written: (row, column) => this.#written.get(writtenKey(row, column)),
      },
    );
  }

  /** The column, with rows that said nothing up to `length` at its default. */
  #column(key: OptionalColumn, length: number): number[] {
    let values = this.#optional[key];
    if (values === undefined) {
      values = [];
      this.#optional[key] = values;
    }
    while (values.length < length) values.push(OPTIONAL_COLUMN_SPECS[key].default);
    return values;
  }

  #indexOf(name: string): number {
    const known = this.#tenants.get(name);
    if (known !== undefined) return known;
    const index = this.#tenants.size;
    this.#tenants.set(name, index);
    return index;
  }
}

function writtenKey(row: number, column: string): string {
  return `${row} ${column}`;
}
