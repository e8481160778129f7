import { Outcome } from '../../trace/request-log.js';
import type { TenantColumns } from './columns.js';
import type { FigureMemory } from './tenant-figures.js';

/** Requests that were planned in the window and completed, in order of planned arrival. */
export interface Completions {
  readonly latencyUs: Float64Array;
  /** A column with the planned arrivals of these requests from row `first` on; it may hold others before and after. */
  readonly plannedUs: Float64Array;
  readonly first: number;
}

export const NO_COMPLETIONS: Completions = {
  latencyUs: new Float64Array(),
  plannedUs: new Float64Array(),
  first: 0,
};

export class CompletionList {
  readonly #plannedUs: Float64Array;
  readonly #latencyUs: Float64Array;
  readonly #first: number;
  #count = 0;
  #gathered: Float64Array | undefined;

  constructor(columns: TenantColumns, fromUs: number, { scratch, isKept }: FigureMemory) {
    const { length } = columns.plannedUs;
    this.#plannedUs = columns.plannedUs;
    this.#latencyUs = isKept ? new Float64Array(length) : scratch.float64(length);
    this.#first = firstCompleted(columns, fromUs);
  }

  add(row: number, latencyUs: number): void {
    // While they are consecutive, the column of all requests serves for those that completed.
    if (this.#gathered === undefined && row !== this.#first + this.#count) this.#gather();
    if (this.#gathered !== undefined) this.#gathered[this.#count] = this.#plannedUs[row]!;
    this.#latencyUs[this.#count++] = latencyUs;
  }

  #gather(): void {
    this.#gathered = new Float64Array(this.#plannedUs.length);
    this.#gathered.set(this.#plannedUs.subarray(this.#first, this.#first + this.#count));
  }

  all(): Completions {
    const latencyUs = this.#latencyUs.subarray(0, this.#count);
    if (this.#gathered === undefined) return { plannedUs: this.#plannedUs, first: this.#first, latencyUs };
    return { plannedUs: this.#gathered.subarray(0, this.#count), first: 0, latencyUs };
  }
}

function firstCompleted({ plannedUs, outcome }: TenantColumns, fromUs: number): number {
  let row = 0;
  while (row < plannedUs.length && !(plannedUs[row]! >= fromUs && outcome[row] === Outcome.completed)) row++;
  return row;
}
