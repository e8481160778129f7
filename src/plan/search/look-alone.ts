import type { Slot } from '../placement.js';
import type { AloneTable } from './columns.js';
import type { JobDispatcher } from './job-dispatcher.js';
import type { Search } from './search-setting.js';

/** Part of the time for short runs of each model. */
const SHARE = 0.5;
/** Models that are looked at before the clock is asked. */
const AT_ONCE = 16;

/** Has models looked at alone on each kind of device, and knows of which the whole run was simulated. */
export class LookAlone {
  readonly #dispatcher: JobDispatcher;
  readonly #seenWhole = new Set<number>();

  constructor(dispatcher: JobDispatcher) {
    this.#dispatcher = dispatcher;
  }

  /**
   * So many models, `quick` in short runs, or by the screen where these take too much of the budget; what that leaves
   * without a device may be served all the same, by little.
   */
  *table(models: number, { quick }: { readonly quick: boolean }): Search<AloneTable> {
    const all = Array.from({ length: models }, (_, workload) => workload);
    if (!quick) return yield* this.whole(all, []);
    const isLate = this.#dispatcher.phaseByClock(SHARE);
    const rows: AloneTable[number][] = [];
    for (let at = 0; at < models; at += AT_ONCE) {
      const look = isLate() ? 'screen' : 'quick';
      const some = all.slice(at, at + AT_ONCE);
      rows.push(
        ...(yield* this.#dispatcher.ask(
          'alone',
          some.map((workload) => ({ type: 'alone', workload, look })),
        )),
      );
      this.#dispatcher.tools.progress?.({ stage: 'alone', simulations: this.#dispatcher.simulations });
    }
    return yield* this.whole(unservable(rows), rows);
  }

  /**
   * The table with rows of whole runs for these models; of those that had theirs before nothing changes.
   *
   * @param forbidden slots that are known not to do
   */
  *whole(
    workloads: readonly number[],
    table: AloneTable,
    forbidden: readonly Slot[] = [],
  ): Search<AloneTable> {
    const asked = [...new Set(workloads)].filter((workload) => !this.#seenWhole.has(workload));
    for (const workload of asked) this.#seenWhole.add(workload);
    const rows = yield* this.#dispatcher.ask(
      'alone',
      asked.map((workload) => ({ type: 'alone', workload, look: 'whole', forbidden })),
    );
    const changed = [...table];
    for (const [i, workload] of asked.entries()) changed[workload] = rows[i]!;
    return changed;
  }
}

/** Models that no device serves, whatever their number. */
export function unservable(alone: AloneTable): number[] {
  return alone.flatMap((row, workload) => (row.some((serving) => serving) ? [] : [workload]));
}
