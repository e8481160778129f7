import { groupBy } from '../../base/group-by.js';
import { RandomStreams } from '../../base/random.js';
import { buildTrace } from '../build.js';
import { ownCopy, placeOf } from '../collect.js';
import { DEFAULT_TENANT } from '../columns.js';
import type { OptionalColumn, Trace } from '../trace.js';
import { type ImportOptions, sourceNote } from './options.js';
import { type Spread, spreadCount } from './spread.js';

const ONE_SECOND_US = 1_000_000;

/** What else a source says of a request; 0 is as the tenant says. */
export type Carried = Readonly<Partial<Record<OptionalColumn, number>>>;

/** Where a source begins and ends on the clock of its stamps, and how it puts its requests there. */
interface Extent {
  /** The stamp of time 0. Default 0. */
  readonly originUs?: number;
  /** Time up to which the source is known. Default: its last arrival. */
  readonly lastUs?: number;
  /** Where requests lie in a second of which the stamps tell no parts. Default: at its begin, all at once. */
  readonly spread?: Spread | undefined;
}

/** Requests as importers find them: stamped by some clock, in any order, each with the name of whoever sent it. */
export class Arrivals {
  readonly #options: ImportOptions;
  readonly #stampsUs: number[] = [];
  readonly #tenant: number[] = [];
  readonly #carried: Partial<Record<OptionalColumn, number[]>> = {};
  readonly #tenants = new Map<string, number>();
  #unnamed = 0;
  #earliestUs = Number.POSITIVE_INFINITY;
  #areWholeSeconds = true;

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#stampsUs.length;
  }

  get earliestUs(): number {
    return this.#earliestUs;
  }

  /** Makes room for a tenant that may never send; returns its index. */
  tenant(name: string): number {
    const known = this.#tenants.get(name);
    if (known !== undefined) return known;
    const index = this.#tenants.size;
    this.#tenants.set(ownCopy(name), index);
    return index;
  }

  /** `stampUs` in whole microseconds. */
  add(stampUs: number, tenant: string, carried: Carried = {}): void {
    for (const [name, value] of Object.entries(carried) as [OptionalColumn, number][])
      if (value !== 0) this.#carried[name] ??= Array.from(this.#stampsUs, () => 0);
    this.#stampsUs.push(stampUs);
    this.#tenant.push(this.tenant(tenant));
    for (const [name, column] of Object.entries(this.#carried) as [OptionalColumn, number[]][])
      column.push(carried[name] ?? 0);
    this.#earliestUs = Math.min(this.#earliestUs, stampUs);
    this.#areWholeSeconds &&= stampUs % ONE_SECOND_US === 0;
  }

  /** As {@link add}, of one that does not say whose it is. */
  addUnnamed(stampUs: number, carried?: Carried): void {
    this.#unnamed++;
    this.add(stampUs, this.#options.tenant ?? DEFAULT_TENANT, carried);
  }

  /**
   * What must be said of those that do not say it; nothing to one who has named their tenant.
   * @param lack such as `name no path`
   */
  notesOnUnnamed(lack: string): string[] {
    if (this.#unnamed === 0 || this.#options.tenant !== undefined) return [];
    const counts = `${this.#unnamed} of ${this.count} requests`;
    return [`${counts} ${lack}; they are those of the tenant "${DEFAULT_TENANT}"`];
  }

  /** What must be said of seconds in which several requests lie, where nobody has said how. */
  notesOnSeconds(): string[] {
    const isTold = this.#options.spread !== undefined || !this.#areWholeSeconds;
    if (isTold || new Set(this.#stampsUs).size === this.count) return [];
    return [
      'the times are whole seconds, and the requests of a second arrive all at once; --spread uniform spreads them',
    ];
  }

  /**
   * The part that was asked for. Once only: it is made of the columns that were gathered, in place, since a week of
   * requests takes gigabytes.
   *
   * @throws InputError when something that came in cannot be part of a trace
   */
  toTrace(source: string, { originUs = 0, lastUs, spread }: Extent = {}): Trace {
    const timesUs = this.#stampsUs;
    for (let row = 0; row < timesUs.length; row++) timesUs[row]! -= originUs;
    if (spread !== undefined && this.#areWholeSeconds) spreadSeconds(timesUs, spread, this.#options);
    const durationUs = wantedUs(lastUs ?? timesUs.reduce((last, us) => Math.max(last, us), 0), this.#options);
    const columns = [timesUs, this.#tenant, ...Object.values(this.#carried)];
    let kept = 0;
    for (let row = 0; row < timesUs.length; row++) {
      if (!isWanted(timesUs[row]!, this.#options)) continue;
      for (const column of columns) column[kept] = column[row]!;
      timesUs[kept++]! -= this.#options.fromUs ?? 0;
    }
    for (const column of columns) column.length = kept;
    const said = Object.entries(this.#carried).filter(([, column]) => column.some((value) => value !== 0));
    return buildTrace(
      {
        arrivalUs: timesUs,
        tenant: this.#tenant,
        tenants: [...this.#tenants.keys()],
        ...Object.fromEntries(said),
        durationUs,
        source: `${source}${sourceNote(this.#options)}`,
      },
      { sort: true, place: placeOf(this.#options) },
    );
  }
}

/** Whether an arrival, in microseconds of the source's clock, is in the part that was asked for. */
export function isWanted(
  us: number,
  { fromUs = 0, toUs = Number.POSITIVE_INFINITY }: ImportOptions,
): boolean {
  return us >= fromUs && us < toUs;
}

/** Length of the part that was asked for, of a source that is known up to `lastUs`. */
function wantedUs(lastUs: number, { fromUs = 0, toUs = Number.POSITIVE_INFINITY }: ImportOptions): number {
  return Math.max(0, Math.min(toUs, lastUs) - fromUs);
}

/** Puts the requests of each second into it, in the order in which they stand there. */
function spreadSeconds(timesUs: number[], spread: Spread, { seed = 0 }: ImportOptions): void {
  const rowsOf = groupBy(timesUs.keys(), (row) => timesUs[row]!);
  const random = new RandomStreams(seed).get('seconds');
  for (const [fromUs, rows] of rowsOf) {
    const spreadUs = spreadCount(rows.length, fromUs, ONE_SECOND_US, spread, random);
    for (const [i, row] of rows.entries()) timesUs[row] = spreadUs[i]!;
  }
}
