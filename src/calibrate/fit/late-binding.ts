import { mean, sampleStandardDeviation, sum } from 'simple-statistics';
import { quantileOfSorted, sortedValues } from '../../metrics/quantiles.js';
import type { RatedShare } from '../../profile/serving.js';
import { type Observation, observationsOf } from '../observation.js';
import { misfitOfPoints } from './misfit-of-points.js';
import { type Expectation, fitShare, type Share } from './race-share.js';
import { replayedLatencies } from './replay.js';
import type { ReplayedModel } from './replay-scenario.js';
import { tenths } from './rounding.js';
import { withServing } from './with-serving.js';

/**
 * What is expected before a model is measured: 0.28 to 0.51 under dense loads, of seven models on Triton 24.10 (python backend on
 * two cores; sleeping ones and networks).
 */
export const TYPICAL_LATE_SHARE: Expectation = { share: 0.3, deviation: 0.2 };
/** And of those under loads that kept them busy for a tenth to a third of the time: 0.4 to 1.2 of that, median 0.76. */
const OF_DENSE = 0.75;
const SPARSE_DEVIATION = 0.15;

/**
 * The share of executions at whose end the batcher of a model with a queue policy looks for an idle instance before there is one,
 * by rate: under dense loads as for other models, under sparse ones from how many requests waited for the next one to come.
 * Undefined where no open loop was measured.
 */
export function fitLateShares(
  observations: readonly Observation[],
  model: ReplayedModel,
): readonly RatedShare[] | undefined {
  const { name } = model.config;
  const dense = observationsOf(observations, 'poisson', name);
  const sparse = observationsOf(observations, 'alone', name);
  const denseShare = fitDense(dense, model);
  const rated = [
    ...(sparse.length === 0 ? [] : [ratedShare(sparse, fitSparse(sparse, model, denseShare))]),
    ...(dense.length === 0 ? [] : [ratedShare(dense, denseShare)]),
  ];
  if (rated.length === 0) return undefined;
  return rated[0]!.requestsPerS < rated.at(-1)!.requestsPerS ? rated : rated.slice(-1);
}

function fitDense(points: readonly Observation[], model: ReplayedModel): Share {
  if (points.length === 0) return TYPICAL_LATE_SHARE.share;
  const misfitWith = misfitOfPoints(points.map((observation) => ({ observation, ...model })));
  return fitShare(
    (lateBindingWinsShare) => misfitWith((profile) => withServing(profile, { lateBindingWinsShare })),
    TYPICAL_LATE_SHARE,
  );
}

function fitSparse(points: readonly Observation[], model: ReplayedModel, denseShare: Share): Share {
  const misfits = points.map((observation) => misfitOfSparse(observation, model));
  return fitShare((share) => sum(misfits.map((misfitWith) => misfitWith(share))), {
    share: OF_DENSE * denseShare,
    deviation: SPARSE_DEVIATION,
  });
}

function ratedShare(points: readonly Observation[], share: Share): RatedShare {
  const perS = points.map(({ clients: [client], durationS }) => client!.sentUs!.length / durationS);
  return { requestsPerS: tenths(mean(perS)), share };
}

/** Replays with other draws, whose mean is nearer to what is usual. */
const SEEDS = [1, 2, 3, 4];

/**
 * How far replays of a sparse load are from it, in squared standard deviations, by the logarithm of latencies: a lost race holds
 * a request until the next one comes, ten times as long as any other, and how long that is says nothing of how often.
 */
function misfitOfSparse(
  observation: Observation,
  { config, profile }: ReplayedModel,
): (share: Share) => number {
  const seenUs = (observation.clients[0]!.latenciesUs ?? []).filter((us) => us > 0);
  if (seenUs.length < LEAST_SEEN) return () => 0;
  const seen = prolonged(Float64Array.from(seenUs));
  const deviation = sampleStandardDeviation(seen) / Math.sqrt(seen.length);
  return (lateBindingWinsShare) => {
    const served = { config, profile: withServing(profile, { lateBindingWinsShare }) };
    const replays = SEEDS.map((seed) => replayedLatencies(observation, served, seed));
    return ((mean(replays.map((latenciesUs) => mean(prolonged(latenciesUs)))) - mean(seen)) / deviation) ** 2;
  };
}

const LEAST_SEEN = 20;

/** How much longer than usual each took, as a logarithm. */
function prolonged(latenciesUs: Float64Array): number[] {
  const usualUs = quantileOfSorted(sortedValues(latenciesUs), UNDISTURBED);
  return Array.from(latenciesUs, (us) => Math.log(us / usualUs));
}

/** The shortest latencies of a sparse load are of requests that met no other one. */
const UNDISTURBED = 0.15;
