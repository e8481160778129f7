import { median, sampleStandardDeviation } from 'simple-statistics';
import { atRate } from '../../../effects/rate/at-rate.js';
import { NORMAL_95 } from '../../../metrics/statistics/normal-interval.js';
import { newValueDeviation } from '../../../metrics/statistics/student-t.js';
import type { ModelProfile } from '../../../profile/profile.js';
import type { Serving } from '../../../profile/serving.js';
import type { Observation } from '../../observation.js';
import { type CountedLoad, denseLoads, requestsPerSOf, sparseLoads } from '../counted-loads.js';
import { coldUnder } from '../pauses/warm-up-deficit.js';
import { meanSingleUs } from '../phases.js';
import { millionths } from '../rounding.js';

/** How the speed of a model changed while the server was calibrated. */
export interface Drift {
  /** Usual time of an inference over that of the profile, which its dense loads gave. */
  readonly factor: number;
  /** What a run at another time may be off by: standard deviation of its logarithm, from as few times as there were. */
  readonly deviation: number;
}

/** With fewer points in time no drift is fitted. */
const LEAST_POINTS = 3;
/** A factor closer to 1 counts as 1: a point by itself is as uncertain. */
const LEAST_DRIFT = 0.02;
/**
 * A host that others share changes by more within an hour than within the minutes of a calibration: executions that only wait
 * there took 4, 0 and 6 % longer in runs after three calibrations, each of which had seen 1 to 4 % (`npm run reproduce:live`).
 */
const LEAST_OF_HOSTS = 0.035;
/** Largest factor that is believed: a machine that became slower by more is another one. */
const MOST_DRIFT = 1.3;

/**
 * A shared machine is faster at one time than at another: seen in executions of one request without co-runners at
 * several times of the calibration (dense loads, the `alone` point, the turns alone beside each other model), less
 * what idling adds to them, of the model and of the server's threads.
 */
export function fitDrift(
  observations: readonly Observation[],
  model: string,
  { service, serving, warmUpState }: Pick<ModelProfile, 'service' | 'warmUpState' | 'serving'>,
  { isOnHost = false } = {},
): Drift {
  const singleMs = service[0]!.inferMs;
  const ratiosOf = (loads: readonly CountedLoad[]) =>
    loads
      .flatMap((load) => {
        const us = meanSingleUs(load.counted);
        if (us === undefined) return [];
        const expectedMs = coldUnder(warmUpState, singleMs, load);
        return [(us - longerInferUs(serving?.phasesByRate, load)) / 1000 / expectedMs];
      })
      .filter((ratio) => ratio > 0);
  const sparse = ratiosOf(sparseLoads(observations, model));
  // Under dense loads few are executed alone, and those with all that they need at hand.
  const isTold = service.length > 1 && sparse.length >= LEAST_POINTS;
  const ratios = isTold ? sparse : [...sparse, ...ratiosOf(denseLoads(observations, model))];
  const leastDeviation = isOnHost ? LEAST_OF_HOSTS : 0;
  if (ratios.length < LEAST_POINTS) return { factor: 1, deviation: leastDeviation };
  const factor = Math.min(MOST_DRIFT, Math.max(1 / MOST_DRIFT, median(ratios)));
  return {
    factor: Math.abs(factor - 1) < LEAST_DRIFT ? 1 : factor,
    deviation: Math.max(
      leastDeviation,
      sampleStandardDeviation(ratios.map(Math.log)) * newValueDeviation(ratios.length),
    ),
  };
}

function longerInferUs(byRate: Serving['phasesByRate'], load: CountedLoad): number {
  return byRate === undefined ? 0 : atRate(byRate, requestsPerSOf(load), ['inferUs']).inferUs;
}

/**
 * A profile as fast as the machine usually is, whose service times may be off by what that varies. Larger batches are
 * executed where requests wait, with all that they need at hand: they are as fast as dense loads showed them.
 */
export function withDrift(profile: ModelProfile, { factor, deviation }: Drift): ModelProfile {
  return {
    ...profile,
    service: profile.service.map((point) => ({
      ...point,
      inferMs: millionths(point.inferMs * (point.batchSize === 1 ? factor : 1)),
      relativeError: millionths(Math.hypot(point.relativeError, NORMAL_95 * deviation)),
    })),
  };
}
