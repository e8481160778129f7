import type { Problem } from '../../base/problem.js';
import type { DetachedScenario } from '../../sweep/detached.js';
import type { SweepRow } from '../../sweep/row.js';

/** A point to be simulated. */
export interface PointJob {
  /** Its address. */
  readonly key: string;
  readonly scenario: DetachedScenario;
  /** The scenario for a machine that has none of its files, as `encodeValue` writes it. */
  readonly portable: () => string;
}

export type EvaluatedJob = Omit<PointJob, 'portable'>;

/** What became of a job: its rows, or what is wrong with its loads. */
export type PointResult =
  | { readonly key: string; readonly rows: readonly SweepRow[]; readonly problems?: never }
  | { readonly key: string; readonly rows?: never; readonly problems: readonly Problem[] };

/**
 * A way to simulate many points: in any order, each result handed on once, as soon as it is there. Whatever
 * the way, the order and the number of workers, a point gives the same rows. Ends early when `signal` is
 * aborted.
 */
export type SweepRunner = (
  jobs: readonly PointJob[],
  onResult: (result: PointResult) => Promise<void>,
  signal: AbortSignal,
) => Promise<void>;
