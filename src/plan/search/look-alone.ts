import type { Slot } from '../placement.js';
import type { AloneTable } from './columns.js';
import type { JobDesk } from './job-desk.js';
import type { Search } from './search-setting.js';

/** Part of the time for short runs of each model. */
const SHARE = 0.5;
/** Models that are looked at before the clock is asked. */
const AT_ONCE = 16;

/** Has models looked at alone on each kind of device, and knows of which the whole run was simulated. */
export class LookAlone {
  readonly #desk: JobDesk;
  readonly #seenWhole = new Set<number>();

  constructor(desk: JobDesk) {
    this.#desk = desk;
  }

  /**
   * So many models, `quick` in short runs, or by the screen where these take too much of the budget; what that leaves
   * without a device may be served all the same, by little.
   */
  *table(models: number, { quick }: { readonly quick: boolean }): Search<AloneTable> {
    const all = Array.from({ length: models }, (_, demand) => demand);
    if (!quick) return yield* this.whole(all, []);
    const isLate = this.#desk.phaseByClock(SHARE);
    const rows: AloneTable[number][] = [];
    for (let at = 0; at < models; at += AT_ONCE) {
      const look = isLate() ? 'screen' : 'quick';
      const some = all.slice(at, at + AT_ONCE);
      rows.push(
        ...(yield* this.#desk.ask(
          'alone',
          some.map((demand) => ({ type: 'alone', demand, look })),
        )),
      );
      this.#desk.tools.progress?.({ stage: 'alone', simulations: this.#desk.simulations });
    }
    return yield* this.whole(unservable(rows), rows);
  }

  /**
   * The table with rows of whole runs for these models; of those that had theirs before nothing changes.
   *
   * @param forbidden slots that are known not to do
   */
  *whole(demands: readonly number[], table: AloneTable, forbidden: readonly Slot[] = []): Search<AloneTable> {
    const asked = [...new Set(demands)].filter((demand) => !this.#seenWhole.has(demand));
    for (const demand of asked) this.#seenWhole.add(demand);
    const rows = yield* this.#desk.ask(
      'alone',
      asked.map((demand) => ({ type: 'alone', demand, look: 'whole', forbidden })),
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
