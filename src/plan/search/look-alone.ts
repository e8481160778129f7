import type { AloneTable } from './columns.js';
import type { JobDesk } from './job-desk.js';
import type { Search } from './search-setting.js';

/** Has models looked at alone on each kind of device, and knows of which the whole run was simulated. */
export class LookAlone {
  readonly #desk: JobDesk;
  readonly #seenWhole = new Set<number>();

  constructor(desk: JobDesk) {
    this.#desk = desk;
  }

  /** So many models, `quick` in short runs; what those leave without a device may be served all the same, by little. */
  *table(models: number, { quick }: { readonly quick: boolean }): Search<AloneTable> {
    const all = Array.from({ length: models }, (_, demand) => demand);
    if (!quick) return yield* this.whole(all, []);
    const rows = yield* this.#desk.ask(
      'alone',
      all.map((demand) => ({ type: 'alone', demand, quick: true })),
    );
    return yield* this.whole(unservable(rows), rows);
  }

  /** The table with rows of whole runs for these models; of those that had theirs before nothing changes. */
  *whole(demands: readonly number[], table: AloneTable): Search<AloneTable> {
    const asked = [...new Set(demands)].filter((demand) => !this.#seenWhole.has(demand));
    for (const demand of asked) this.#seenWhole.add(demand);
    const rows = yield* this.#desk.ask(
      'alone',
      asked.map((demand) => ({ type: 'alone', demand, quick: false })),
    );
    const changed = [...table];
    for (const [i, demand] of asked.entries()) changed[demand] = rows[i]!;
    return changed;
  }
}

/** Models that no device serves, whatever their number. */
export function unservable(alone: AloneTable): number[] {
  return alone.flatMap((row, demand) => (row.some((serving) => serving) ? [] : [demand]));
}
