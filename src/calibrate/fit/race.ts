import { mean } from 'simple-statistics';
import type { RatedShare, Serving } from '../../profile/serving.js';
import { isPrefetching, type ModelConfig } from '../../scenario/model-config.js';
import { type Observation, observationsOf } from '../observation.js';
import { fitLateShares, TYPICAL_LATE_SHARE } from './late-binding.js';
import { fitLateIdle } from './late-idle.js';
import { misfitOfPoints, type OpenLoopPoint } from './misfit-of-points.js';
import { type Expectation, fitShare, type Share } from './race-share.js';
import type { ReplayedModel } from './replay-scenario.js';
import { thousandths } from './rounding.js';
import { withServing } from './with-serving.js';

/**
 * Shares of races that the batcher won on the Triton 24.10 servers measured so far (python backend on two
 * cores, results/live): what a profile says where no model of the server shows them. They differ because a
 * batcher that binds late is woken once more, by the instance that has become idle.
 */
export const TYPICAL_SHARES = {
  /** Models whose payloads are formed ahead. */
  prefetching: { share: 0.2, deviation: 0.1 },
  /** Models with a queue policy. */
  lateBinding: TYPICAL_LATE_SHARE,
} as const satisfies Record<string, Expectation>;

/**
 * Whether the order of batcher and instance thread matters for this configuration. Where payloads are bound late it does without
 * batches, too: a batcher that looks before the instance is idle sleeps until the next arrival.
 */
export function showsTheRace(config: ModelConfig): boolean {
  const { dynamicBatching, maxBatchSize } = config;
  if (dynamicBatching === undefined) return false;
  return !isPrefetching(config) || (maxBatchSize > 1 && dynamicBatching.maxQueueDelayUs > 0);
}

/** Which thread comes first at the end of an execution, and what follows from it. */
export interface RaceFit {
  /** Of the whole server. */
  readonly shared: Pick<Serving, 'batcherWinsShare' | 'lateBindingWinsShare' | 'lateIdle'>;
  /** Of models whose payloads are bound late, by name: how often their batcher comes first, by rate. */
  readonly sharesByModel: ReadonlyMap<string, readonly RatedShare[]>;
  /** The points that showed it. */
  readonly points: readonly OpenLoopPoint[];
}

/**
 * Models whose payloads are formed ahead share one figure. Where they are bound late it is each model's own: how long its instance
 * takes until it is idle depends on what it served.
 */
export function fitRace(observations: readonly Observation[], models: readonly ReplayedModel[]): RaceFit {
  const racing = models.filter(({ config }) => showsTheRace(config));
  const ahead = racing.filter(({ config }) => isPrefetching(config));
  const late = racing.filter(({ config }) => !isPrefetching(config));
  const dense = ahead.flatMap((model) => pointsOf('poisson', observations, model));
  const shares = new Map(
    late.flatMap((model) => {
      const found = fitLateShares(observations, model);
      return found === undefined ? [] : [[model.config.name, found] as const];
    }),
  );
  const batcherWinsShare = fitWinsShare(dense);
  const densest = [...shares.values()].map((rated) => rated.at(-1)!.share);
  const lateBindingWinsShare = densest.length === 0 ? TYPICAL_LATE_SHARE.share : thousandths(mean(densest));
  const shared = { batcherWinsShare, lateBindingWinsShare };
  const lateUnder = late.map(({ config, profile }) => ({
    config,
    profile: withServing(profile, withLateShares(shared, shares.get(config.name))),
  }));
  return {
    shared: { ...shared, lateIdle: fitLateIdle(observations, lateUnder) },
    sharesByModel: shares,
    points: [
      ...dense,
      ...late.flatMap((model) =>
        (['poisson', 'alone'] as const).flatMap((kind) => pointsOf(kind, observations, model)),
      ),
    ],
  };
}

/** A model's own shares, where they were measured. */
export function withLateShares<S extends Partial<Serving>>(
  serving: S,
  lateBindingWinsByRate: readonly RatedShare[] | undefined,
): S {
  return lateBindingWinsByRate === undefined ? serving : { ...serving, lateBindingWinsByRate };
}

/**
 * The share of executions at whose end the batcher runs first: the one under which replayed points come
 * closest to what the server counted (mean time of a request, requests in an execution). Each point is replayed as
 * fast as its inferences were: a machine that was slower then looks like a batcher that wins more often or more rarely.
 */
export function fitWinsShare(points: readonly OpenLoopPoint[]): Share {
  if (points.length === 0) return TYPICAL_SHARES.prefetching.share;
  const misfitWith = misfitOfPoints(points);
  return fitShare(
    (batcherWinsShare) => misfitWith((profile) => withServing(profile, { batcherWinsShare })),
    TYPICAL_SHARES.prefetching,
  );
}

function pointsOf(
  kind: 'poisson' | 'alone',
  observations: readonly Observation[],
  model: ReplayedModel,
): OpenLoopPoint[] {
  return observationsOf(observations, kind, model.config.name).map((observation) => ({
    observation,
    ...model,
  }));
}
