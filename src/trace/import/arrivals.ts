import { buildTrace } from '../build.js';
import { ownCopy, placeOf } from '../collect.js';
import type { OptionalColumn, Trace } from '../trace.js';
import { type ImportOptions, sourceNote } from './options.js';

/** What else a source says of a request; 0 is as the tenant says. */
export type Carried = Readonly<Partial<Record<OptionalColumn, number>>>;

/** Arrivals as importers find them: in any order, each with the name of whoever sent it. */
export class Arrivals {
  readonly #arrivalUs: number[] = [];
  readonly #tenant: number[] = [];
  readonly #carried: Partial<Record<OptionalColumn, number[]>> = {};
  readonly #tenants = new Map<string, number>();

  get count(): number {
    return this.#arrivalUs.length;
  }

  /** Makes room for a tenant that may never arrive; returns its index. */
  tenant(name: string): number {
    const known = this.#tenants.get(name);
    if (known !== undefined) return known;
    const index = this.#tenants.size;
    this.#tenants.set(ownCopy(name), index);
    return index;
  }

  /** `arrivalUs` in whole microseconds, `tenant` as {@link tenant} returned it. */
  add(arrivalUs: number, tenant: number, carried: Carried = {}): void {
    for (const [name, value = 0] of Object.entries(carried) as [OptionalColumn, number | undefined][])
      if (value !== 0) this.#carried[name] ??= Array.from(this.#arrivalUs, () => 0);
    this.#arrivalUs.push(arrivalUs);
    this.#tenant.push(tenant);
    for (const [name, column] of Object.entries(this.#carried) as [OptionalColumn, number[]][])
      column.push(carried[name] ?? 0);
  }

  /** @throws InputError when something that came in cannot be part of a trace */
  toTrace(source: string, options: ImportOptions, durationUs?: number): Trace {
    return buildTrace(
      {
        arrivalUs: this.#arrivalUs,
        tenant: this.#tenant,
        tenants: [...this.#tenants.keys()],
        ...this.#carried,
        durationUs,
        source: `${source}${sourceNote(options)}`,
      },
      { sort: true, place: placeOf(options) },
    );
  }
}

/** Whether an arrival, in microseconds of the source's clock, is in the part that was asked for. */
export function isWanted(us: number, options: ImportOptions): boolean {
  return us >= (options.fromUs ?? 0) && us < (options.toUs ?? Number.POSITIVE_INFINITY);
}

/** Length of the part that was asked for, of a source that is known up to `lastUs`. */
export function wantedUs(lastUs: number, options: ImportOptions): number {
  const endUs = Math.min(options.toUs ?? Number.POSITIVE_INFINITY, lastUs);
  return Math.max(0, endUs - (options.fromUs ?? 0));
}
