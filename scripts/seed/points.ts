import type { PassResult } from './run-passes.js';

/** What stands behind a prediction. */
export type Basis =
  /** The constants were fitted on this test. */
  | 'fitted'
  /** The test had no part in the constants. */
  | 'predicted'
  /** As `predicted`, but it needs service times of batches below 8, of which nothing was measured. */
  | 'extrapolated';

/** A measured figure beside its prediction. */
export interface Point {
  /** Number of the test, or `frontier`. */
  readonly test: number | 'frontier';
  readonly model: string;
  /** Pass, or number of the frontier's point, from 1; null for a figure of the whole test. */
  readonly pass: number | null;
  readonly metric: 'p25' | 'p50' | 'p75' | 'p95' | 'throughput' | 'saturationThroughput';
  /** Milliseconds, or 1/s. */
  readonly measured: number;
  readonly predicted: number;
  readonly errorPercent: number;
  readonly belowSaturation: boolean;
  readonly basis: Basis;
}

/** A point with its error; figures are cut to what tells something, so that files stay the same everywhere. */
export function point(fields: Omit<Point, 'errorPercent'>): Point {
  const predicted = Number(fields.predicted.toFixed(3));
  return { ...fields, predicted, errorPercent: Number((100 * (predicted / fields.measured - 1)).toFixed(2)) };
}

/** A measured pass and what was predicted of it. */
export interface PassPair<Measured> {
  readonly measured: Measured;
  readonly predicted: PassResult;
}
