import { isPrefetching, type ModelConfig } from '../../scenario/model-config.js';
import { goldenSection } from './golden-section.js';
import { misfitOfPoints, type OpenLoopPoint } from './misfit-of-points.js';
import { thousandths } from './rounding.js';

/** What is known of the shares before a server is measured. */
interface Expectation {
  readonly share: number;
  /** How far servers lie from that, about. */
  readonly deviation: number;
}

/**
 * Shares of races that the batcher won on the Triton 24.10 servers measured so far (python backend on two
 * cores, results/live): what a profile says where no model of the server shows them. They differ because a
 * batcher that binds late is woken once more, by the instance that has become idle.
 */
export const TYPICAL_SHARES = {
  /** Models whose payloads are formed ahead. */
  prefetching: { share: 0.2, deviation: 0.1 },
  /** Models with a queue policy. */
  lateBinding: { share: 0.3, deviation: 0.2 },
} as const satisfies Record<string, Expectation>;

/** Whether the order of batcher and instance thread matters for this configuration. */
export function showsTheRace(config: ModelConfig): boolean {
  const { dynamicBatching, maxBatchSize } = config;
  if (dynamicBatching === undefined || maxBatchSize <= 1) return false;
  return dynamicBatching.maxQueueDelayUs > 0 || !isPrefetching(config);
}

export interface WinsShares {
  readonly batcherWinsShare: number;
  readonly lateBindingWinsShare: number;
}

/** Both shares, each from the points of the models that show it. */
export function fitWinsShares(points: readonly OpenLoopPoint[]): WinsShares {
  const of = (isAhead: boolean) => points.filter(({ config }) => isPrefetching(config) === isAhead);
  return {
    batcherWinsShare: fitShare(of(true), TYPICAL_SHARES.prefetching),
    lateBindingWinsShare: fitShare(of(false), TYPICAL_SHARES.lateBinding),
  };
}

/**
 * The share of executions at whose end the batcher runs first: the one under which replayed points come
 * closest to what the server counted (mean time of a request, requests in an execution). What other
 * servers showed counts as one more measurement, so that noise of a single point does not lead far away. Each point is replayed as
 * fast as its inferences were: a machine that was slower then looks like a batcher that wins more often or more rarely. A
 * grid, then a golden-section search between its neighbours; the same arrivals and draws for each candidate, so
 * that the misfit is a smooth function.
 */
function fitShare(points: readonly OpenLoopPoint[], expected: Expectation): number {
  if (points.length === 0) return expected.share;
  const misfitWith = misfitOfPoints(points);
  const misfit = (share: number) => {
    const shares = { batcherWinsShare: share, lateBindingWinsShare: share };
    return (
      ((share - expected.share) / expected.deviation) ** 2 +
      misfitWith((profileThen) => ({ ...profileThen, serving: { ...profileThen.serving!, ...shares } }))
    );
  };
  const tried = GRID.map((share) => ({ share, misfit: misfit(share) }));
  const best = tried.reduce((a, b) => (b.misfit < a.misfit ? b : a)).share;
  const range = { low: Math.max(0, best - GRID_STEP), high: Math.min(1, best + GRID_STEP), within: 0.01 };
  return thousandths(goldenSection(misfit, range));
}

const GRID_STEP = 0.1;
const GRID = Array.from({ length: 11 }, (_, i) => i * GRID_STEP);
