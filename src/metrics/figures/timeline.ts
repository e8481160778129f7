import { LatencyHistogram } from '../../base/histogram.js';
import { quantileOfSorted } from '../statistics/quantiles.js';
import { Occupancy } from './occupancy.js';

/** One tenant over the whole run, warm-up included, in equal slices. */
export interface Timeline {
  readonly tenant: string;
  readonly bins: readonly TimelineSlice[];
}

/** Figures of one slice; `p99Ms` is NaN where nothing was completed in it. */
export interface TimelineSlice {
  /** Start of the slice in seconds since the start of the run. */
  readonly timeS: number;
  /** Mean number of requests planned and not yet answered, those still at the client included. */
  readonly inSystem: number;
  /** Mean number of calls waiting in a model's queue; a plain request is one call. */
  readonly queued: number;
  readonly throughputPerS: number;
  /** Latency that 99 % of the requests completed in the slice did not exceed. */
  readonly p99Ms: number;
}

/** What a time line is made of, request by request: for who goes through the requests anyway. */
export class TimelineTally {
  readonly #endUs: number;
  readonly #inSystem: Occupancy;
  readonly #queued: Occupancy;
  /** Of completed requests: latency, and the slice in which they ended. */
  readonly #latencyUs: Float64Array;
  readonly #sliceOf: Uint16Array;
  readonly #counts: Uint32Array;
  /** Their latencies by slice, where they are only counted. */
  readonly #counted: readonly LatencyHistogram[] | undefined;
  #completed = 0;

  /** @param run its length, the slices wanted, and the most requests that will be added; default: any number, which are counted */
  constructor(run: { readonly endUs: number; readonly slices: number; readonly most?: number }) {
    const window = { fromUs: 0, toUs: run.endUs, slices: run.slices };
    this.#endUs = run.endUs;
    this.#inSystem = new Occupancy(window);
    this.#queued = new Occupancy(window);
    const { most = 0 } = run;
    this.#latencyUs = new Float64Array(most);
    this.#sliceOf = new Uint16Array(most);
    this.#counted =
      run.most === undefined ? Array.from({ length: run.slices }, () => new LatencyHistogram()) : undefined;
    this.#counts = new Uint32Array(run.slices);
  }

  /** A request, in microseconds: when it was planned, and when it was no longer in the system. */
  add(planned: number, left: number): void {
    this.#inSystem.add(planned, left);
  }

  /** It was in a queue; NaN: it never came there. */
  queue(fromUs: number, untilUs: number): void {
    this.#queued.add(fromUs, untilUs);
  }

  /** It was completed; one that was so after the end of the run does not count. */
  complete(endedUs: number, latencyUs: number): void {
    if (!(endedUs <= this.#endUs)) return;
    const slices = this.#counts.length;
    const slice = Math.min(slices - 1, Math.floor((endedUs * slices) / this.#endUs));
    this.#counts[slice]!++;
    if (this.#counted !== undefined) return this.#counted[slice]!.record(latencyUs);
    this.#sliceOf[this.#completed] = slice;
    this.#latencyUs[this.#completed++] = latencyUs;
  }

  slices(): TimelineSlice[] {
    const p99Us =
      this.#counted?.map((histogram) => histogram.interpolated(0.99)) ??
      this.#sortedBySlice().map((sorted) => quantileOfSorted(sorted, 0.99));
    const queuedMeans = this.#queued.means();
    const sliceS = this.#endUs / this.#counts.length / 1e6;
    return this.#inSystem.means().map((mean, slice) => ({
      timeS: slice * sliceS,
      inSystem: mean,
      queued: queuedMeans[slice]!,
      throughputPerS: this.#counts[slice]! / sliceS,
      p99Ms: p99Us[slice]! / 1000,
    }));
  }

  #sortedBySlice(): Float64Array[] {
    const bySlice = Array.from(this.#counts, (count) => new Float64Array(count));
    const next = new Uint32Array(bySlice.length);
    for (let i = 0; i < this.#completed; i++) {
      const slice = this.#sliceOf[i]!;
      bySlice[slice]![next[slice]!++] = this.#latencyUs[i]!;
    }
    return bySlice.map((latencies) => latencies.sort());
  }
}
