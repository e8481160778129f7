import { mean, quantileSorted, variance } from 'simple-statistics';
import { type Trace, traceLength } from './trace.js';
import { splitTenants } from './transform/tenants.js';

export interface TraceDescription {
  readonly durationUs: number;
  readonly source: string | undefined;
  readonly total: ArrivalDescription;
  /** In the order of the trace's tenants. */
  readonly tenants: readonly (ArrivalDescription & { readonly tenant: string })[];
}

/** Requests of one stream. A figure that so few requests do not give is null, never NaN. */
export interface ArrivalDescription {
  readonly requests: number;
  /** Sum of batch sizes. */
  readonly inferences: number;
  /** Requests over the trace's duration; null for a duration of 0. */
  readonly ratePerS: number | null;
  /** Most requests in any second, wherever it begins. */
  readonly peakPerS: number;
  /** Times between arrivals; null with fewer than two requests. */
  readonly gaps: GapDescription | null;
  /** How counts vary over windows of 1 s, 10 s and 60 s. */
  readonly windows: readonly WindowDescription[];
  /** How many requests have each batch size, by size; one inference where the trace does not say. */
  readonly batchSizes: readonly { readonly batchSize: number; readonly requests: number }[];
}

export interface GapDescription {
  readonly meanUs: number;
  /** Standard deviation over mean: 0 for a constant gap, 1 for a Poisson process; null when all gaps are 0. */
  readonly cv: number | null;
  readonly minUs: number;
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

/** Counts of requests in windows of one length, laid side by side from time 0; a rest is left out. */
export interface WindowDescription {
  readonly windowUs: number;
  /** Whole windows that fit the trace. */
  readonly windows: number;
  /** Requests of the fullest window. */
  readonly peak: number;
  /** Fullest window over the mean one; null without requests in them. */
  readonly peakToMean: number | null;
  /**
   * Variance of the counts over their mean (the index of dispersion for counts): 1 for a Poisson
   * process, more where arrivals come in bursts of that length; null with fewer than two windows or no requests.
   */
  readonly indexOfDispersion: number | null;
}

/** Describes the arrivals of a trace: rates, gaps, burstiness, batch sizes. */
export function describeTrace(trace: Trace): TraceDescription {
  return {
    durationUs: trace.durationUs,
    source: trace.source,
    total: describeArrivals(trace),
    tenants: splitTenants(trace).map((own) => ({
      tenant: own.tenants[0] as string,
      ...describeArrivals(own),
    })),
  };
}

const ONE_SECOND_US = 1_000_000;
export const WINDOWS_US = [1, 10, 60].map((seconds) => seconds * ONE_SECOND_US);

function describeArrivals(trace: Trace): ArrivalDescription {
  const requests = traceLength(trace);
  const batchSizes = countBatchSizes(trace);
  return {
    requests,
    inferences: batchSizes.reduce((sum, size) => sum + size.batchSize * size.requests, 0),
    ratePerS: trace.durationUs === 0 ? null : (requests * ONE_SECOND_US) / trace.durationUs,
    peakPerS: mostWithin(trace.arrivalUs, ONE_SECOND_US),
    gaps: describeGaps(trace.arrivalUs),
    windows: WINDOWS_US.map((windowUs) => describeWindows(trace, windowUs)),
    batchSizes,
  };
}

function countBatchSizes(trace: Trace): { batchSize: number; requests: number }[] {
  const requests = traceLength(trace);
  if (requests === 0) return [];
  if (trace.batchSize === undefined) return [{ batchSize: 1, requests }];
  const counts = new Map<number, number>();
  for (const said of trace.batchSize) {
    const batchSize = Math.max(1, said);
    counts.set(batchSize, (counts.get(batchSize) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b).map(([batchSize, count]) => ({ batchSize, requests: count }));
}

/** Most arrivals in any half-open window of this length. */
function mostWithin(arrivalUs: Float64Array, windowUs: number): number {
  let most = 0;
  let first = 0;
  for (let last = 0; last < arrivalUs.length; last++) {
    while ((arrivalUs[last] as number) - (arrivalUs[first] as number) >= windowUs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

function describeGaps(arrivalUs: Float64Array): GapDescription | null {
  if (arrivalUs.length < 2) return null;
  const sorted = arrivalUs.slice(1);
  for (let i = 0; i < sorted.length; i++) sorted[i] = (arrivalUs[i + 1] as number) - (arrivalUs[i] as number);
  sorted.sort();
  const gaps = asNumbers(sorted);
  const meanUs = mean(gaps);
  return {
    meanUs,
    cv: meanUs === 0 ? null : Math.sqrt(variance(gaps)) / meanUs,
    minUs: gaps[0] as number,
    p50Us: quantileSorted(gaps, 0.5),
    p90Us: quantileSorted(gaps, 0.9),
    p99Us: quantileSorted(gaps, 0.99),
    maxUs: gaps[gaps.length - 1] as number,
  };
}

function describeWindows(trace: Trace, windowUs: number): WindowDescription {
  const windows = Math.floor(trace.durationUs / windowUs);
  const { requests, squares, peak } = countWindows(trace.arrivalUs, windowUs, windows);
  const meanCount = requests / windows;
  // Over windows - 1, without bias: traces have few windows of a minute, of which the mean is fitted.
  const varianceOfCounts = (squares - windows * meanCount * meanCount) / (windows - 1);
  return {
    windowUs,
    windows,
    peak,
    peakToMean: requests === 0 ? null : peak / meanCount,
    indexOfDispersion: requests === 0 || windows < 2 ? null : Math.max(0, varianceOfCounts) / meanCount,
  };
}

/** Sums over the windows; only those with arrivals are visited, as a rare tenant has millions without. */
function countWindows(arrivalUs: Float64Array, windowUs: number, windows: number) {
  let [requests, squares, peak] = [0, 0, 0];
  for (let row = 0; row < arrivalUs.length; ) {
    const window = Math.floor((arrivalUs[row] as number) / windowUs);
    if (window >= windows) break;
    const first = row;
    while (row < arrivalUs.length && (arrivalUs[row] as number) < (window + 1) * windowUs) row++;
    const count = row - first;
    requests += count;
    squares += count * count;
    peak = Math.max(peak, count);
  }
  return { requests, squares, peak };
}

/** simple-statistics only reads by index, but its types ask for a plain array. */
function asNumbers(values: Float64Array): number[] {
  return values as unknown as number[];
}
