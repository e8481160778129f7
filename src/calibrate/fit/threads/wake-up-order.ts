import type { Serving } from '../../../profile/serving.js';
import { isPrefetching, type ModelConfig } from '../../../scenario/model-config.js';
import { type Observation, observationsOf } from '../../observation.js';
import { goldenSection } from '../replay/golden-section.js';
import { misfitOfPoints, type OpenLoopPoint } from '../replay/misfit-of-points.js';
import type { ReplayedModel } from '../replay/replay-scenario.js';
import { thousandths } from '../rounding.js';
import { withServing } from '../with-serving.js';

/**
 * Share of the executions at whose end the batcher ran before the instance, on the Triton 24.10 servers measured so far (python
 * backend on two cores, results/live): what a profile says where no model of the server shows it.
 */
export const TYPICAL_SHARE = { share: 0.2, deviation: 0.1 } as const;

/**
 * Whether the order of batcher and instance thread matters for this configuration. Where payloads are bound late it does without
 * batches, too: a batcher that looks before the instance is idle sleeps until the next arrival.
 */
export function showsWakeUpOrder(config: ModelConfig): boolean {
  const { dynamicBatching, maxBatchSize } = config;
  if (dynamicBatching === undefined) return false;
  return !isPrefetching(config) || (maxBatchSize > 1 && dynamicBatching.maxQueueDelayUs > 0);
}

/** Which thread comes first at the end of an execution. */
export interface WakeUpOrderFit {
  /** Of the whole server. */
  readonly shared: Pick<Serving, 'batcherWinsShare'>;
  /** The points that showed it. */
  readonly points: readonly OpenLoopPoint[];
  /** Standard deviation of the share, by how fast replays get worse beside it; infinite where nothing showed it. */
  readonly deviation: number;
}

/** One share for all models of a server: it is its scheduler's. */
export function fitWakeUpOrder(
  observations: readonly Observation[],
  models: readonly ReplayedModel[],
): WakeUpOrderFit {
  const points = models
    .filter(({ config }) => showsWakeUpOrder(config))
    .flatMap((model) =>
      observationsOf(observations, 'poisson', model.config.name).map((observation) => ({
        observation,
        ...model,
      })),
    );
  const batcherWinsShare = fitWinsShare(points);
  return { shared: { batcherWinsShare }, points, deviation: deviationOf(batcherWinsShare, points) };
}

/**
 * The share of executions at whose end the batcher runs first: the one under which replayed points come
 * closest to what the server counted (mean time of a request, requests in an execution), in squared standard deviations. Each point
 * is replayed as fast as its inferences were: a machine that was slower then looks like a batcher that is first more often or more
 * rarely. What other servers showed counts as one more measurement, so that noise of a single point does not lead far away.
 */
export function fitWinsShare(points: readonly OpenLoopPoint[]): number {
  if (points.length === 0) return TYPICAL_SHARE.share;
  const misfitWith = misfitOfPoints(points);
  // A smooth function: the same arrivals and draws for each candidate.
  const misfit = (batcherWinsShare: number) =>
    ((batcherWinsShare - TYPICAL_SHARE.share) / TYPICAL_SHARE.deviation) ** 2 +
    misfitWith((profile) => withServing(profile, { batcherWinsShare }));
  const tried = GRID.map((share) => ({ share, misfit: misfit(share) }));
  const best = tried.reduce((a, b) => (b.misfit < a.misfit ? b : a)).share;
  const range = { low: Math.max(0, best - GRID_STEP), high: Math.min(1, best + GRID_STEP), within: 0.01 };
  return thousandths(goldenSection(misfit, range));
}

/** From the curvature of the misfit, which is in squared standard deviations, around its least. */
function deviationOf(best: number, points: readonly OpenLoopPoint[]): number {
  if (points.length === 0) return Number.POSITIVE_INFINITY;
  const misfitWith = misfitOfPoints(points);
  const at = (batcherWinsShare: number) =>
    misfitWith((profile) =>
      withServing(profile, { batcherWinsShare: Math.min(1, Math.max(0, batcherWinsShare)) }),
    );
  const curvature = (at(best - STEP_BESIDE) + at(best + STEP_BESIDE) - 2 * at(best)) / STEP_BESIDE ** 2;
  return curvature > 0 ? Math.sqrt(2 / curvature) : Number.POSITIVE_INFINITY;
}

const STEP_BESIDE = 0.1;
const GRID_STEP = 0.1;
const GRID = Array.from({ length: 11 }, (_, i) => i * GRID_STEP);
