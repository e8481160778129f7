import { mean, sampleVariance } from 'simple-statistics';
import { MOST_DEGREES, studentTQuantile } from '../metrics/statistics/student-t.js';

/** A predicted figure with the interval in which the measured one should lie. */
export interface Predicted {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface RunSample {
  /** The figure in each simulated replication; NaN ones are left out. */
  readonly predicted: readonly number[];
  /** The figure in each live repeat; NaN ones are left out. */
  readonly measured: readonly number[];
  /** Standard error of the figure that comes from the profile; 0 where not given. */
  readonly profileError?: number;
  /** What one request more or less changes in a figure that counts requests; 0 where not given. */
  readonly resolution?: number;
}

/**
 * The mean over the replications, with the 95 % interval for the mean of as many new live runs as were
 * made (for a single new run where there was one).
 *
 * Three things keep a new mean from the predicted one. The replications are finite: s²/n. New runs
 * differ from each other: v/m, where v is the variance between runs. The profile is measured, not
 * known: its standard error, squared. A live server varies at least as much between runs as its model
 * does, so v is pooled from replications and repeats while the repeats vary no more than the
 * replications (Student, n + m - 2 degrees of freedom); once they vary more, the machine adds something that
 * the model does not have, and v is that of the repeats alone (Welch 1947, degrees of freedom after
 * Satterthwaite 1946). One repeat says nothing of v, which is then that of the replications:
 * s √(1 + 1/n) times Student's t with n - 1 degrees.
 *
 * A figure that counts whole requests is no better known than to one request, which the end of a run
 * cuts off or not: its interval is wider by that on both sides.
 *
 * The interval is unknown (NaN) where neither side has two runs.
 */
export function newRunInterval({
  predicted,
  measured,
  profileError = 0,
  resolution = 0,
}: RunSample): Predicted {
  const simulated = predicted.filter((value) => !Number.isNaN(value));
  const live = measured.filter((value) => !Number.isNaN(value));
  if (simulated.length === 0) return { value: Number.NaN, low: Number.NaN, high: Number.NaN };
  const value = mean([...simulated]);
  const { standardError, degrees } = errorOfDifference(simulated, live);
  // The profile's error is a known one, with degrees of freedom without end.
  const total = Math.hypot(standardError, profileError);
  const shrunk = total > 0 ? degrees * (total / standardError) ** 4 : degrees;
  const half = tQuantile(shrunk) * total;
  return { value, low: value - half - resolution, high: value + half + resolution };
}

interface DifferenceError {
  readonly standardError: number;
  readonly degrees: number;
}

/** Of (mean of new live runs) - (mean of replications). */
function errorOfDifference(simulated: readonly number[], live: readonly number[]): DifferenceError {
  const [n, m] = [simulated.length, Math.max(1, live.length)];
  const own = n > 1 ? sampleVariance([...simulated]) : undefined;
  const between = live.length > 1 ? sampleVariance([...live]) : undefined;
  const both = 1 / n + 1 / m;
  if (own === undefined && between === undefined) return { standardError: Number.NaN, degrees: 0 };
  if (own === undefined) return { standardError: Math.sqrt(between! * both), degrees: m - 1 };
  if (between === undefined) return { standardError: Math.sqrt(own * both), degrees: n - 1 };
  if (between <= own) {
    const pooled = ((n - 1) * own + (m - 1) * between) / (n + m - 2);
    return { standardError: Math.sqrt(pooled * both), degrees: n + m - 2 };
  }
  const [u, v] = [own / n, between / m];
  const degrees = (u + v) ** 2 / (u ** 2 / (n - 1) + v ** 2 / (m - 1));
  return { standardError: Math.sqrt(u + v), degrees };
}

/** 97.5 % quantile, on a line in 1/t between whole degrees of freedom. */
function tQuantile(degrees: number): number {
  if (!(degrees >= 1)) return Number.NaN;
  const whole = Math.floor(Math.min(degrees, MOST_DEGREES));
  const part = Math.min(degrees, MOST_DEGREES) - whole;
  return 1 / ((1 - part) / studentTQuantile(0.975, whole) + part / studentTQuantile(0.975, whole + 1));
}
