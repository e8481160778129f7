import { join } from 'node:path';
import type { SweepTable } from '../../sweep/sweep-table.js';
import { openSweepFolder } from './own-sweep.js';
import { labelOf, type SweepPoint } from './point-checker.js';
import { PointProblems } from './point-problems.js';
import type { PreparedSweep } from './prepare-sweep.js';
import { ResultStore } from './result-store.js';
import type { SweepRunner } from './runner.js';
import type { Shard } from './shard.js';
import { collectTable, SWEEP_FOLDER, writeSweepFolder } from './sweep-folder.js';

export interface SweepOptions {
  /** Folder for results; what is there already is taken up. */
  readonly out: string;
  /** Who simulates the points: what `selectRunner` gives. */
  readonly runner: SweepRunner;
  readonly shard?: Shard;
  /** Called whenever a result has landed: points of this run that are done, and all of them. */
  readonly onProgress?: (progress: SweepProgress) => void;
  readonly signal?: AbortSignal;
}

export interface SweepProgress {
  /** Different scenarios among the points of the run; points may have the same one. */
  readonly scenarios: number;
  readonly done: number;
  /** Of those done, the ones that an earlier run had left. */
  readonly found: number;
}

/** What a run of a sweep came to; without a table where points are missing yet. */
export interface SweepOutcome extends SweepProgress {
  readonly table?: SweepTable;
}

/**
 * Runs a sweep: simulates the points that the folder does not hold yet, and writes the results when
 * all are there. Every result is in its folder before the next one is waited for, so that it may be
 * stopped or killed at any moment and run again; a power loss takes those of the last seconds.
 *
 * @throws InputError where the folder holds anything else, or loads of points cannot be drawn, after all others are done
 */
export async function runSweep(sweep: PreparedSweep, options: SweepOptions): Promise<SweepOutcome> {
  const { out, runner, shard, onProgress = () => {}, signal = new AbortController().signal } = options;
  await openSweepFolder(out);
  const store = new ResultStore(join(out, SWEEP_FOLDER.store));
  const jobs = new Map(pointsOf(sweep, shard).map((point) => [point.key, point]));
  const found = await store.has(jobs.keys());
  const progress = { scenarios: jobs.size, done: found.size, found: found.size };
  onProgress({ ...progress });
  const problems = new PointProblems();
  const missing = [...jobs.values()].filter(({ key }) => !found.has(key));
  let table: SweepTable | undefined;
  try {
    if (missing.length > 0) {
      await runner(
        missing,
        async ({ key, rows, problems: wrong }) => {
          if (rows !== undefined) await store.put(key, rows);
          else problems.add(labelOf(sweep.axes, jobs.get(key)!.values), wrong);
          progress.done++;
          onProgress({ ...progress });
        },
        signal,
      );
    }
    problems.throwIfAny(jobs.size, { late: true });
    table = signal.aborted ? undefined : await finish(sweep, out, store);
  } finally {
    // The results of a whole sweep are on the disk, and hold all that its last points do.
    if (table === undefined) await store.settle();
  }
  return { ...progress, ...(table && { table }) };
}

/** Writes the results where all points are there: those of other shards too. */
async function finish(
  sweep: PreparedSweep,
  out: string,
  store: ResultStore,
): Promise<SweepTable | undefined> {
  const table = await collectTable(sweep, store);
  if (table !== undefined) await writeSweepFolder(out, sweep, table);
  return table;
}

function pointsOf({ points }: PreparedSweep, shard: Shard | undefined): readonly SweepPoint[] {
  if (shard === undefined) return points;
  return points.filter(({ number }) => number % shard.of === shard.index % shard.of);
}
