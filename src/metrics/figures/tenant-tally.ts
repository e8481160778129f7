import { Outcome } from '../../trace/request-log.js';
import type { MeasuredTenant } from '../measured-tenant.js';
import { limitUsOf } from '../same-latency.js';
import { batchesOf, COUNTED_SLICES, CountedLatencies } from '../statistics/counted-latencies.js';
import type { DesignEffect } from '../statistics/effective-trials.js';
import { shareEstimateOf, unknownInterval } from '../statistics/intervals.js';
import type { Estimate } from '../summary.js';
import { rankedLatency } from './latency-summary.js';
import { RateTally, type Window } from './rates.js';
import { PARTS } from './split.js';
import { StabilityTally } from './stability.js';
import type { StageSums } from './stages.js';
import { type AssembledTenant, assembleTenant, countsOf } from './tenant-figures.js';
import { distributionOf, type SeriesSize } from './tenant-series.js';
import { TimelineTally } from './timeline.js';

/**
 * The figures of one tenant, counted while its requests are answered, in any order: for runs that have no room for a column of
 * them. Its requests leave as planned.
 */
export class TenantTally {
  readonly latencies = new CountedLatencies();
  readonly #tenant: MeasuredTenant;
  readonly #window: Window;
  readonly #limitUs: number;
  readonly #slicesPerUs: number;
  readonly #stability: StabilityTally;
  readonly #rates: RateTally;
  readonly #timeline: TimelineTally | undefined;
  readonly #cdfPoints: number;
  /** By slice: requests of which it is known whether they met the SLO, and those that did. */
  readonly #settled = new Float64Array(COUNTED_SLICES);
  readonly #met = new Float64Array(COUNTED_SLICES);
  /** Of completed requests of the window: microseconds in each of `PARTS`, and the inferences of their executions. */
  readonly #partsUs = new Float64Array(PARTS.length);
  readonly #sums = new Float64Array(1);
  #completed = 0;
  #unfinished = 0;
  #open = 0;

  constructor(tenant: MeasuredTenant, window: Window, series: SeriesSize | undefined) {
    this.#tenant = tenant;
    this.#window = window;
    this.#limitUs = tenant.slo === undefined ? Number.POSITIVE_INFINITY : limitUsOf(tenant.slo.limitMs);
    this.#slicesPerUs = COUNTED_SLICES / (window.endUs - window.fromUs);
    this.#stability = new StabilityTally(window.fromUs, window.endUs);
    this.#rates = new RateTally(window);
    this.#timeline = series && new TimelineTally({ endUs: window.endUs, slices: series.slices });
    this.#cdfPoints = series?.cdfPoints ?? 0;
  }

  /**
   * A request was answered within the run; all times in microseconds.
   * @param batch inferences of its execution
   * @returns where to add what it spent in each of `PARTS`; undefined where it was planned outside of the window
   */
  complete(
    plannedUs: number,
    queuedUs: number,
    startedUs: number,
    endedUs: number,
    inferences: number,
    batch: number,
  ): Float64Array | undefined {
    const latencyUs = endedUs - plannedUs;
    const isKept = latencyUs <= this.#limitUs;
    this.#stability.add(plannedUs, plannedUs, endedUs, Outcome.completed);
    this.#rates.complete(endedUs, inferences, isKept);
    const timeline = this.#timeline;
    if (timeline !== undefined) {
      timeline.add(plannedUs, endedUs);
      timeline.queue(queuedUs, startedUs);
      timeline.complete(endedUs, latencyUs);
    }
    const { fromUs, endUs } = this.#window;
    if (plannedUs < fromUs || plannedUs > endUs) return undefined;
    const slice = this.#sliceOf(plannedUs);
    this.latencies.record(slice, latencyUs);
    this.#settled[slice]!++;
    if (isKept) this.#met[slice]!++;
    this.#completed++;
    this.#sums[0]! += batch;
    return this.#partsUs;
  }

  /**
   * A request had no answer when the run ended.
   * @param queuedUs NaN where it was in no queue yet
   * @param startedUs when its execution began; Infinity: never
   */
  leaveOpen(plannedUs: number, queuedUs: number, startedUs: number): void {
    this.#stability.add(plannedUs, plannedUs, Number.POSITIVE_INFINITY, Outcome.unfinished);
    this.#timeline?.add(plannedUs, Number.POSITIVE_INFINITY);
    this.#timeline?.queue(queuedUs, startedUs);
    const { fromUs, endUs } = this.#window;
    if (plannedUs < fromUs || plannedUs > endUs) return;
    this.#unfinished++;
    if (endUs - plannedUs > this.#limitUs) this.#settled[this.#sliceOf(plannedUs)]!++;
    else this.#open++;
  }

  figures(): AssembledTenant {
    const { latencies } = this;
    const figures = latencies.figures();
    const timeline = this.#timeline;
    const { name, slo } = this.#tenant;
    return assembleTenant(this.#tenant, this.#window, {
      counts: countsOf([this.#completed, 0, 0, this.#unfinished, 0]),
      slices: this.#rates.counts,
      latencyMs: rankedLatency(latencies, figures, slo?.percentile),
      attainment: () => this.#attainment(figures.effect),
      settled: sumOf(this.#settled),
      met: sumOf(this.#met),
      open: this.#open,
      stability: this.#stability.verdict(),
      stages: this.#stages(),
      courseUs: latencies.means(),
      ...(timeline && {
        series: {
          cdf: distributionOf(name, (share) => latencies.quantiles([share])[0]!, this.#cdfPoints),
          timeline: { tenant: name, bins: timeline.slices() },
        },
      }),
    });
  }

  #stages(): StageSums {
    const completed = this.#completed;
    return { partsUs: this.#partsUs, completed, executedBatch: this.#sums[0]!, executed: completed };
  }

  #attainment(effect: DesignEffect): Estimate {
    const settled = sumOf(this.#settled);
    if (settled === 0) return unknownInterval(Number.NaN);
    const shares = batchesOf(this.#settled).map(
      ({ from, to }) => sumOf(this.#met.subarray(from, to)) / sumOf(this.#settled.subarray(from, to)),
    );
    return shareEstimateOf(sumOf(this.#met) / settled, shares, settled, effect);
  }

  #sliceOf(plannedUs: number): number {
    const slice = ((plannedUs - this.#window.fromUs) * this.#slicesPerUs) | 0;
    return slice < COUNTED_SLICES ? slice : COUNTED_SLICES - 1;
  }
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
