import { RandomStreams } from '../../base/random.js';
import { DEFAULT_TENANT } from '../columns.js';
import type { OptionalColumn, Trace } from '../trace.js';
import { Arrivals, type Carried, isWanted, wantedUs } from './arrivals.js';
import type { ImportOptions } from './options.js';
import { type Spread, spreadCount } from './spread.js';

const ONE_SECOND_US = 1_000_000;

/** Requests with stamps of some clock, in any order. The earliest is time 0 of their trace. */
export class StampedRequests {
  readonly #arrivals = new Arrivals();
  readonly #stampsUs: number[] = [];
  readonly #tenants: number[] = [];
  /** By row, up to the last one that carries any of it. */
  readonly #carried: Partial<Record<OptionalColumn, number[]>> = {};
  #unnamed = 0;
  #earliestUs = Number.POSITIVE_INFINITY;
  #areWholeSeconds = true;

  /** Makes room for a tenant that may never send. */
  name(tenant: string): void {
    this.#arrivals.tenant(tenant);
  }

  add(stampUs: number, tenant: string, carried: Carried = {}): void {
    for (const [name, value] of Object.entries(carried) as [OptionalColumn, number][]) {
      if (value === 0) continue;
      this.#carried[name] ??= [];
      const column = this.#carried[name];
      while (column.length < this.#stampsUs.length) column.push(0);
      column.push(value);
    }
    this.#stampsUs.push(stampUs);
    this.#tenants.push(this.#arrivals.tenant(tenant));
    this.#earliestUs = Math.min(this.#earliestUs, stampUs);
    this.#areWholeSeconds &&= stampUs % ONE_SECOND_US === 0;
  }

  /** As {@link add}, of one that does not say whose it is. */
  addUnnamed(stampUs: number, { tenant = DEFAULT_TENANT }: ImportOptions, carried?: Carried): void {
    this.#unnamed++;
    this.add(stampUs, tenant, carried);
  }

  /**
   * What must be said of those that do not say it; nothing to one who has named their tenant.
   * @param lack such as `name no path`
   */
  notesOnUnnamed(lack: string, { tenant }: ImportOptions): string[] {
    if (this.#unnamed === 0 || tenant !== undefined) return [];
    const counts = `${this.#unnamed} of ${this.#tenants.length} requests`;
    return [`${counts} ${lack}; they are those of the tenant "${DEFAULT_TENANT}"`];
  }

  /** What must be said of seconds in which several requests lie, where nobody has said how. */
  notesOnSeconds({ spread }: ImportOptions): string[] {
    const isTold = spread !== undefined || !this.#areWholeSeconds;
    if (isTold || new Set(this.#stampsUs).size === this.#stampsUs.length) return [];
    return [
      'the times are whole seconds, and the requests of a second arrive all at once; --spread uniform spreads them',
    ];
  }

  /**
   * @param spread where requests lie in a second of which the stamps tell no parts; undefined: at its begin, all at once
   * @throws InputError where they make no trace
   */
  toTrace(source: string, options: ImportOptions, spread?: Spread): Trace {
    // In place: a week of requests takes gigabytes.
    const timesUs = this.#stampsUs;
    for (let row = 0; row < timesUs.length; row++) timesUs[row]! -= this.#earliestUs;
    if (spread !== undefined && this.#areWholeSeconds) spreadSeconds(timesUs, spread, options);
    const columns = Object.entries(this.#carried);
    let lastUs = 0;
    for (const [row, us] of timesUs.entries()) {
      lastUs = Math.max(lastUs, us);
      if (!isWanted(us, options)) continue;
      const carried = Object.fromEntries(columns.map(([name, values]) => [name, values[row] ?? 0]));
      this.#arrivals.add(us - (options.fromUs ?? 0), this.#tenants[row]!, carried);
    }
    return this.#arrivals.toTrace(source, options, wantedUs(lastUs, options));
  }
}

/** Puts the requests of each second into it, in the order in which they stand there. */
function spreadSeconds(timesUs: number[], spread: Spread, { seed = 0 }: ImportOptions): void {
  const rowsOf = new Map<number, number[]>();
  for (const [row, us] of timesUs.entries()) {
    const rows = rowsOf.get(us);
    if (rows === undefined) rowsOf.set(us, [row]);
    else rows.push(row);
  }
  const random = new RandomStreams(seed).get('seconds');
  for (const [fromUs, rows] of rowsOf) {
    const spreadUs = spreadCount(rows.length, fromUs, ONE_SECOND_US, spread, random);
    for (const [i, row] of rows.entries()) timesUs[row] = spreadUs[i]!;
  }
}
