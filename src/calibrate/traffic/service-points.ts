import { mean, sampleStandardDeviation } from 'simple-statistics';
import { fitSpread } from '../../effects/service-time-variability/fit.js';
import { SHORTEST_MS } from '../../effects/values.js';
import { meanEstimate } from '../../metrics/statistics/intervals.js';
import { studentTQuantile } from '../../metrics/statistics/student-t.js';
import type { ServicePoint, Spread } from '../../profile/profile.js';
import { type PhaseTimes, totalMs } from '../../profile/service-time.js';

/** Phases of one execution as it would have been alone on the device. */
export interface SoloExecution extends PhaseTimes {
  readonly batchSize: number;
}

export interface ServicePointsFit {
  readonly points: readonly ServicePoint[];
  /** Batch sizes with too few executions for a point of their own. */
  readonly omitted: readonly number[];
  readonly spread: Spread;
}

/** A size seen less often than this has no point: one stall in it would bend the whole curve. */
const FEWEST_EXECUTIONS = 8;
/** Batch means need as many values. */
const LONG_SERIES = 80;
/** The fit of a spread needs no more. */
const MOST_RATIOS = 20_000;

/**
 * Means by batch size and the spread around them, of executions (at least one) in order of time.
 * Production traffic has slow and fast hours, so the intervals are those of batch means where the
 * series is long enough. Where no size has enough executions, all that there are make points.
 */
export function fitServicePoints(executions: readonly SoloExecution[]): ServicePointsFit {
  const sizes = [...new Set(executions.map(({ batchSize }) => batchSize))].sort((a, b) => a - b);
  const groups = sizes.map((size) => executions.filter(({ batchSize }) => batchSize === size));
  const frequent = groups.filter((group) => group.length >= FEWEST_EXECUTIONS);
  const kept = frequent.length > 0 ? frequent : groups;
  return {
    points: kept.map(servicePoint),
    omitted: groups.filter((group) => !kept.includes(group)).map((group) => group[0]!.batchSize),
    spread: spreadOf(kept),
  };
}

function servicePoint(group: readonly SoloExecution[]): ServicePoint {
  const meanOf = (phase: 'inputMs' | 'inferMs' | 'outputMs') => mean(group.map((each) => each[phase]));
  const inferMs = Math.max(SHORTEST_MS, meanOf('inferMs'));
  const phases = { inputMs: meanOf('inputMs'), inferMs, outputMs: meanOf('outputMs') };
  const half = halfWidth(group.map(totalMs));
  const relativeError = half / totalMs(phases);
  return {
    batchSize: group[0]!.batchSize,
    ...phases,
    executions: group.length,
    relativeError: Number.isFinite(relativeError) ? Math.min(relativeError, 10) : 0,
  };
}

function halfWidth(series: readonly number[]): number {
  const count = series.length;
  const { low, high } = meanEstimate(count >= LONG_SERIES ? series : []);
  if (Number.isFinite(high)) return (high - low) / 2;
  if (count < 2) return Number.NaN;
  return (studentTQuantile(0.975, count - 1) * sampleStandardDeviation([...series])) / Math.sqrt(count);
}

/** Spread of the ratios of executions to the mean of their own batch size; a size seen once says nothing. */
function spreadOf(groups: readonly (readonly SoloExecution[])[]): Spread {
  const ratios = groups
    .filter((group) => group.length > 1)
    .flatMap((group) => {
      const totals = group.map(totalMs);
      const centre = mean(totals);
      return totals.map((total) => total / centre);
    })
    .filter((ratio) => ratio > 0);
  if (ratios.length === 0) return { law: 'none' };
  return fitSpread(thin(ratios));
}

function thin(values: readonly number[]): readonly number[] {
  const step = Math.ceil(values.length / MOST_RATIOS);
  return values.filter((_, i) => i % step === 0);
}
