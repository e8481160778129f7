import { median, sampleStandardDeviation } from 'simple-statistics';
import type { ModelStatistics } from '../../live/inference-client.js';
import { NORMAL_95 } from '../../metrics/normal-interval.js';
import type { ModelProfile } from '../../profile/profile.js';
import { type Observation, observationsOf } from '../observation.js';
import { meanSingleUs } from './phases.js';

/** How the speed of a model changed while the server was calibrated. */
export interface Drift {
  /** Usual time of an execution over that of its `alone` point. */
  readonly factor: number;
  /** Standard deviation of its logarithm: what a run at another time may be off by. */
  readonly deviation: number;
}

const NO_DRIFT: Drift = { factor: 1, deviation: 0 };
/** Fewer points in time say nothing. */
const LEAST_POINTS = 3;
/** Less is the noise of a point. */
const LEAST_DRIFT = 0.02;

/**
 * A shared machine is faster at one time than at another: seen in executions of one request under the same load,
 * alone, at several times of the calibration (the `alone` point and the turns alone beside each other model).
 */
export function fitDrift(observations: readonly Observation[], model: string): Drift {
  const reference = meanSingleUs(observationsOf(observations, 'alone', model).flatMap(statisticsOf(model)));
  if (reference === undefined) return NO_DRIFT;
  const later = observationsOf(observations, 'together').flatMap(({ experiment, turns = [] }) => {
    const own = experiment.model === model ? 'first' : experiment.other === model ? 'second' : undefined;
    const alone = turns.filter(({ turn }) => turn === own);
    return meanSingleUs(alone.flatMap(statisticsOf(model))) ?? [];
  });
  const ratios = [reference, ...later].map((us) => us / reference);
  if (ratios.length < LEAST_POINTS) return NO_DRIFT;
  const factor = median(ratios);
  return {
    factor: Math.abs(factor - 1) < LEAST_DRIFT ? 1 : factor,
    deviation: sampleStandardDeviation(ratios.map(Math.log)),
  };
}

/** A profile whose service times may be off by what the speed of the machine varies. */
export function withDrift(profile: ModelProfile, { deviation }: Drift): ModelProfile {
  return {
    ...profile,
    service: profile.service.map((point) => ({
      ...point,
      relativeError: millionths(Math.hypot(point.relativeError, NORMAL_95 * deviation)),
    })),
  };
}

function millionths(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function statisticsOf(model: string) {
  return ({ statistics }: { readonly statistics: readonly ModelStatistics[] }) =>
    statistics.filter((each) => each.model === model);
}
