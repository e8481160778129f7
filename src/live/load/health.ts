import { plural } from '../../base/plural.js';
import { quantileOfSorted, sortedValues } from '../../metrics/statistics/quantiles.js';
import { Outcome } from '../../trace/request-log.js';
import type { GeneratorHealth } from '../load-run.js';
import type { RequestColumns } from './request-rows.js';
import type { Stalls } from './stall-meter.js';

/**
 * How well the generator kept its schedule. Lag is sent less due: in an open loop the planned time, under a
 * cap the moment from which nothing but the generator kept the request, in a closed loop the end of thinking.
 */
export function generatorHealth(requests: RequestColumns, endUs: number, stalls: Stalls): GeneratorHealth {
  const lagUs = requests.sentUs.map((sentUs, row) => sentUs - requests.dueUs[row]!);
  const sorted = sortedValues(lagUs);
  const lagMs = {
    p50: quantileOfSorted(sorted, 0.5) / 1000,
    p99: quantileOfSorted(sorted, 0.99) / 1000,
    max: quantileOfSorted(sorted, 1) / 1000,
  };
  const latencyMs = medianLatencyMs(requests);
  const spans = lagBySpan({ dueUs: requests.dueUs, lagUs, endUs });
  const fellBehind = isBehind(spans, latencyMs);
  return { lagMs, stalls, fellBehind, verdict: verdict({ lagMs, stalls, latencyMs, spans, fellBehind }) };
}

/** The run is cut into so many spans of equal length. */
const SPANS = 20;

/** Median lag in milliseconds of the requests due in each of {@link SPANS} equal parts of the run; NaN where none was. */
export function lagBySpan(run: {
  readonly dueUs: Float64Array;
  readonly lagUs: Float64Array;
  readonly endUs: number;
}): number[] {
  const bySpan: number[][] = Array.from({ length: SPANS }, () => []);
  run.dueUs.forEach((dueUs, row) => {
    const lagUs = run.lagUs[row]!;
    if (!Number.isNaN(lagUs))
      bySpan[Math.min(SPANS - 1, Math.floor((dueUs / run.endUs) * SPANS))]?.push(lagUs);
  });
  return bySpan.map(
    (lags) =>
      quantileOfSorted(
        lags.sort((a, b) => a - b),
        0.5,
      ) / 1000,
  );
}

/** A median lag within this is no harm at all: it is what pacing and a busy event loop cost. */
const HARMLESS_LAG_MS = 1;
/** What the generator may add to the median latency: the tolerances of a validation are of a few percent. */
const LAG_SHARE_OF_LATENCY = 0.2;
/** A span here and there may hold a long stall; more than this share of them is no accident. */
const SPANS_BEHIND = 0.15;

/**
 * Whether the generator fell behind its schedule for good: in more than 15 % of the spans of the run (4 or
 * more of 20) half of the requests left later than 1 ms and than 20 % of the median latency.
 *
 * A generator that is too slow for the rate by the share e falls behind by e × elapsed time: at 0.1 % it is
 * 10 ms late after 10 s, so nearly all spans show it. A stall of the machine delays the requests of that
 * moment only and leaves the median of its span alone unless it lasts for half of it. Medians by span so
 * tell a lasting lag, after which a run shows the generator, from a disturbed one, whose upper percentiles
 * are to be read with the stalls beside them.
 *
 * @param spans median lag of each span in milliseconds, NaN where nothing was due
 */
export function isBehind(spans: readonly number[], medianLatencyMs: number): boolean {
  const used = spans.filter((lagMs) => !Number.isNaN(lagMs));
  return used.filter((lagMs) => lagMs > toleratedLagMs(medianLatencyMs)).length > SPANS_BEHIND * used.length;
}

/** Latency here counts from sending, so that lag does not excuse itself; no answers, no latency: 1 ms is left. */
function toleratedLagMs(medianLatencyMs: number): number {
  return Math.max(HARMLESS_LAG_MS, LAG_SHARE_OF_LATENCY * (medianLatencyMs || 0));
}

function medianLatencyMs({ outcome, sentUs, endedUs }: RequestColumns): number {
  const latencies = endedUs.map((us, row) =>
    outcome[row] === Outcome.completed ? us - sentUs[row]! : Number.NaN,
  );
  return quantileOfSorted(sortedValues(latencies), 0.5) / 1000;
}

interface Findings {
  readonly lagMs: GeneratorHealth['lagMs'];
  readonly stalls: Stalls;
  readonly latencyMs: number;
  readonly spans: readonly number[];
  readonly fellBehind: boolean;
}

/** A 99th percentile of the lag within this disturbs no latency that anyone promises. */
const UNDISTURBED_LAG_MS = 5;

/** Beyond this the 99th percentile of the latency shows the generator or the machine as much as the server. */
function isDisturbed({ lagMs, latencyMs }: Findings): boolean {
  return lagMs.p99 > Math.max(UNDISTURBED_LAG_MS, LAG_SHARE_OF_LATENCY * (latencyMs || 0));
}

function verdict(found: Findings): string {
  const { lagMs, stalls, spans, fellBehind } = found;
  if (Number.isNaN(lagMs.p50)) return 'nothing was sent';
  const lag = `lag p50 ${ms(lagMs.p50)}, p99 ${ms(lagMs.p99)}, max ${ms(lagMs.max)} ms`;
  if (fellBehind) {
    const worst = Math.max(...spans.filter((lagMs) => !Number.isNaN(lagMs)));
    return `the load generator fell behind its schedule (median lag up to ${ms(worst)} ms; ${lag}): latencies show it, not the server; lower the rate, or use more threads or another machine`;
  }
  const stood =
    stalls.count === 0
      ? ''
      : `; the machine stood still ${stalls.count} ${plural(stalls.count, 'time')} for ${ms(stalls.totalMs)} ms in all, ${ms(stalls.longestMs)} ms at most`;
  if (isDisturbed(found)) {
    return `the load generator kept up, but late requests disturb the upper percentiles (${lag})${stood}`;
  }
  return `the load generator kept its schedule (${lag})${stood}`;
}

function ms(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2);
}
