/** A figure that is compared, with its unit and how its error is counted. */
export interface Metric {
  /** Name in files: `p50Ms`. */
  readonly name: string;
  /** Name for people. */
  readonly label: string;
  readonly unit: string;
  /** Errors are percent of the measured figure, or percentage points where it is itself a percentage. */
  readonly errorUnit: '%' | 'pp';
}

const metric = (name: string, label: string, unit: string, errorUnit: '%' | 'pp' = '%'): Metric => ({
  name,
  label,
  unit,
  errorUnit,
});

/** Figures of a tenant, in the order of the report. */
export const TENANT_METRICS = [
  metric('throughputPerS', 'throughput', '/s'),
  metric('goodputPerS', 'goodput', '/s'),
  metric('sloAttainment', 'in limit', '%', 'pp'),
  metric('meanMs', 'mean', 'ms'),
  metric('p50Ms', 'p50', 'ms'),
  metric('p90Ms', 'p90', 'ms'),
  metric('p95Ms', 'p95', 'ms'),
  metric('p99Ms', 'p99', 'ms'),
] as const;

/** Where a mean request of a model spends its time, in the order in which it passes through them. */
export const COMPONENT_METRICS = [
  metric('networkMs', 'network and front end', 'ms'),
  metric('queueMs', 'queue', 'ms'),
  metric('inputMs', 'input', 'ms'),
  metric('inferMs', 'infer', 'ms'),
  metric('outputMs', 'output', 'ms'),
  metric('meanBatch', 'mean batch', ''),
  metric('callsPerS', 'calls of it', '/s'),
  metric('cacheHitShare', 'answered from the cache', '%', 'pp'),
] as const;

const ALL: readonly Metric[] = [...TENANT_METRICS, ...COMPONENT_METRICS];

/** By name, of those that a report can hold. */
export function metricNamed(name: string): Metric | undefined {
  return ALL.find((each) => each.name === name);
}

/**
 * What an error may be, in each metric's own error unit, before it counts as out of tolerance; a metric
 * that is missing is shown and not judged. `batchSharePp` is for the executed batch sizes.
 */
export type Tolerances = Readonly<Record<string, number>>;

/** What perseus is to reach on models whose service time is known. */
export const DEFAULT_TOLERANCES: Tolerances = {
  throughputPerS: 1,
  goodputPerS: 1,
  sloAttainment: 1,
  meanMs: 2,
  p50Ms: 2,
  p95Ms: 3,
  p99Ms: 8,
  batchSharePp: 3,
};
