import { mean, quantileSorted, sum } from 'simple-statistics';
import { NORMAL_95 } from '../../../metrics/statistics/normal-interval.js';
import type { SpeedDrift } from '../../../profile/profile.js';
import { type Observation, observationsOf } from '../../observation.js';
import { thousandths } from '../rounding.js';

/** Edges of the lags by which executions are compared, milliseconds. What is alike for less is of single executions. */
const LAGS_MS = [20, 50, 100, 200, 400, 800] as const;
/** Time constants that are tried, milliseconds. */
const TIME_CONSTANTS_MS = [50, 100, 200, 400] as const;
/** A point with fewer executions shows nothing but its own mean. */
const LEAST_EXECUTIONS = 100;
/** Shares at both ends that count as their quantile: an execution that something held up is no speed drift. */
const TAIL = 0.02;
/** A smaller coefficient of variation is the noise of its fit. */
const LEAST_CV = 0.01;

/**
 * How the speed of the machine comes and goes, by model: from the times of single executions of one client, in their order. What
 * executions that lie some time apart have in common is the speed drift's, and how fast that is lost with the distance its time
 * constant, one for all models. (On a shared machine with two cores, two calibrations of three networks: 0.2 to 0.6 of the
 * variance is common to executions 20 to 50 ms apart, 0.1 to 0.4 at 100 to 200 ms, nothing at 2 s.)
 * @returns models that show none are left out
 */
export function fitSpeedDrift(
  observations: readonly Observation[],
  models: readonly string[],
): ReadonlyMap<string, SpeedDrift> {
  const found = models.flatMap((model) => {
    const covariances = covariancesOf(seriesOf(observations, model));
    return covariances === undefined ? [] : [{ model, ...covariances }];
  });
  if (found.length === 0) return new Map();
  const fits = TIME_CONSTANTS_MS.map((timeConstantMs) => {
    const fitted = found.map((each) => ({ model: each.model, ...commonVariance(each, timeConstantMs) }));
    return { timeConstantMs, fitted, misfit: sum(fitted.map(({ misfit }) => misfit)) };
  });
  const best = fits.reduce((least, fit) => (fit.misfit < least.misfit ? fit : least));
  return new Map(
    best.fitted
      .map(({ model, variance }) => [model, thousandths(Math.sqrt(Math.expm1(variance)))] as const)
      .filter(([, cv]) => cv >= LEAST_CV)
      .map(([model, cv]) => [model, { cv, timeConstantMs: best.timeConstantMs }]),
  );
}

/** Executions of one point one after the other, as deviations of their logarithms from its mean. */
interface Series {
  readonly deviations: readonly number[];
  readonly stepMs: number;
}

function seriesOf(observations: readonly Observation[], model: string): Series[] {
  return observationsOf(observations, 'sequential', model).flatMap(({ executionsUs = [], durationS }) => {
    if (executionsUs.length < LEAST_EXECUTIONS) return [];
    const logs = executionsUs.map((us) => Math.log(us));
    const sorted = [...logs].sort((a, b) => a - b);
    const [low, high] = [quantileSorted(sorted, TAIL), quantileSorted(sorted, 1 - TAIL)];
    const kept = logs.map((log) => Math.min(high, Math.max(low, log)));
    const usual = mean(kept);
    return [
      {
        deviations: kept.map((log) => log - usual),
        stepMs: (durationS * 1000) / executionsUs.length,
      },
    ];
  });
}

interface Covariances {
  /** Of all executions, whatever it comes from. */
  readonly variance: number;
  /** What those have in common that lie about so far apart. */
  readonly atLag: readonly {
    readonly lagMs: number;
    readonly covariance: number;
    /** Of the covariance, if executions had nothing in common. */
    readonly deviation: number;
  }[];
}

/** Of all points of a model together; undefined where no two executions lie far enough apart. */
function covariancesOf(points: readonly Series[]): Covariances | undefined {
  const products = LAGS_MS.slice(1).map(() => ({ sum: 0, square: 0, lagMs: 0, count: 0 }));
  for (const { deviations, stepMs } of points) {
    const variance = mean(deviations.map((each) => each ** 2));
    for (let apart = Math.ceil(LAGS_MS[0] / stepMs); apart * stepMs < LAGS_MS.at(-1)!; apart++) {
      const bin = products[LAGS_MS.findLastIndex((edge) => edge <= apart * stepMs)]!;
      for (let i = apart; i < deviations.length; i++) bin.sum += deviations[i]! * deviations[i - apart]!;
      const pairs = Math.max(0, deviations.length - apart);
      bin.lagMs += pairs * apart * stepMs;
      bin.square += pairs * variance ** 2;
      bin.count += pairs;
    }
  }
  const atLag = products
    .filter(({ count }) => count > 0)
    .map(({ sum: total, square, lagMs, count }) => ({
      lagMs: lagMs / count,
      covariance: total / count,
      deviation: Math.sqrt(square) / count,
    }));
  if (atLag.length === 0) return undefined;
  return { variance: mean(points.flatMap(({ deviations }) => deviations.map((each) => each ** 2))), atLag };
}

/**
 * The variance whose exponential decay comes closest to what was found, and how far it stays from that, as parts of all variance. One
 * that executions without any drift may show by chance is none.
 */
function commonVariance({ variance: whole, atLag }: Covariances, timeConstantMs: number) {
  const left = atLag.map(({ lagMs }) => Math.exp(-lagMs / timeConstantMs));
  const squares = sum(left.map((each) => each ** 2));
  const shown = sum(atLag.map(({ covariance }, i) => covariance * left[i]!)) / squares;
  const deviation = Math.hypot(...atLag.map((each, i) => each.deviation * left[i]!)) / squares;
  const variance = shown > NORMAL_95 * deviation ? shown : 0;
  const misfit = sum(atLag.map(({ covariance }, i) => ((covariance - variance * left[i]!) / whole) ** 2));
  return { variance, misfit: whole > 0 ? misfit : 0 };
}
