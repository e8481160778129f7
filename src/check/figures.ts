import { partLatency } from '../metrics/part-latencies.js';
import { unknownInterval } from '../metrics/statistics/intervals.js';
import {
  type Estimate,
  PERCENTILES,
  percentileOf,
  type TenantSummary,
  targetShare,
} from '../metrics/summary.js';
import type { RunReport } from '../report/run-report.js';
import {
  COST_METRICS,
  type Expectation,
  isOneOf,
  type MetricName,
  MODEL_METRICS,
  RESOURCE_METRICS,
} from './expectations.js';
import type { ResourceUse } from './resource-use.js';

/** One figure that an expectation is about. */
export interface Figure {
  /** Tenant, device or server; empty for the whole. */
  readonly subject: string;
  readonly estimate: Estimate;
  /** Whether it is known without an error of sampling: prices, memory. */
  readonly isExact: boolean;
}

/** What is judged: the report of a run, and what it does not say of devices and hosts. */
export interface JudgedRun {
  readonly report: RunReport;
  readonly use: ResourceUse;
}

/** Every figure of a run that the expectation is about. */
export function figuresFor({ report, use }: JudgedRun, expectation: Expectation): readonly Figure[] {
  const metric = expectation.metric!;
  if (isOneOf(COST_METRICS, metric)) return costFigures({ report, use }, metric, expectation.tenant);
  if (isOneOf(RESOURCE_METRICS, metric)) return resourceFigures(use, metric, expectation);
  if (isOneOf(MODEL_METRICS, metric)) return modelFigures(use, metric, expectation);
  return withLatency(tenantsOf({ report, use }, expectation), expectation).map((tenant) => ({
    subject: tenant.tenant,
    estimate: tenantEstimate(tenant, metric),
    isExact: false,
  }));
}

/** Those of the tenants that have such a latency, with it in place of that of a request; all, with none, where no one has. */
function withLatency(tenants: readonly TenantSummary[], { of }: Expectation): readonly TenantSummary[] {
  if (of === undefined) return tenants;
  const having = tenants.flatMap((tenant) => {
    const latencyMs = partLatency(tenant, of);
    return latencyMs === undefined ? [] : [{ ...tenant, latencyMs }];
  });
  const none = { mean: unknownInterval(Number.NaN), max: Number.NaN, percentiles: [] };
  return having.length > 0 ? having : tenants.map((tenant) => ({ ...tenant, latencyMs: none }));
}

/** One without a subject where no model has the figure. */
function modelFigures(use: ResourceUse, metric: MetricName, { model }: Expectation): Figure[] {
  const shares = metric === 'hitShare' ? use.hitShare : use.foundLoadedShare;
  const asked = [...shares].filter(([name]) => model === undefined || name === model);
  const known = asked.map(([subject, estimate]) => ({ subject, estimate, isExact: false }));
  if (known.length > 0) return known;
  return [{ subject: model ?? '', estimate: unknownInterval(Number.NaN), isExact: false }];
}

/** The tenants that an expectation is about. */
export function tenantsOf({ report }: JudgedRun, { tenant }: Expectation): readonly TenantSummary[] {
  return report.summary.tenants.filter((one) => tenant === undefined || one.tenant === tenant);
}

function tenantEstimate(tenant: TenantSummary, metric: MetricName): Estimate {
  const unknown = unknownInterval(Number.NaN);
  const latency = PERCENTILES.find((percentile) => metric === `p${percentile}Ms`);
  if (latency !== undefined) return percentileOf(tenant, latency) ?? unknown;
  switch (metric) {
    case 'meanMs':
      return tenant.latencyMs.mean;
    case 'attainment':
      return tenant.slo?.attainment ?? unknown;
    case 'throughputPerS':
    case 'inferencesPerS':
    case 'goodputPerS':
      return tenant[metric];
    default:
      return unknown;
  }
}

/** A price per hour is exact, what is due for violated SLOs mostly not; one per inference follows from the throughput, inverse and with its interval. */
function costFigures(
  { report: { cost, summary }, use: { fined } }: JudgedRun,
  metric: MetricName,
  tenant: string | undefined,
): Figure[] {
  const own = cost?.tenants.find((row) => row.tenant === tenant);
  const throughput = (summary.tenants.find((row) => row.tenant === tenant) ?? summary.total).inferencesPerS;
  const subject = tenant ?? '';
  if (cost === undefined || (tenant !== undefined && own === undefined)) {
    return [{ subject, estimate: unknownInterval(Number.NaN), isExact: false }];
  }
  if (metric === 'usdPerMillionInferences') {
    const { usdPerMillionInferences: value } = own ?? cost;
    return [{ subject, estimate: inverse(value, throughput), isExact: false }];
  }
  if (metric === 'penaltyUsdPerHour') {
    const due = summary.tenants.filter(
      (row) => fined.has(row.tenant) && (own === undefined || row.tenant === tenant),
    );
    const { penaltyUsdPerHour: value } = own ?? cost;
    return [{ subject, estimate: unknownInterval(value), isExact: due.every(isVerdictSure) }];
  }
  const value = own?.byReservationUsdPerHour ?? cost.usdPerHour;
  return [{ subject, estimate: unknownInterval(value), isExact: own === undefined }];
}

/** A penalty is due or not: as sure as the verdict on its SLO. */
function isVerdictSure({ slo }: TenantSummary): boolean {
  if (slo === undefined) return true;
  const share = targetShare(slo);
  return slo.attainment.low >= share || slo.attainment.high < share;
}

/**
 * Without an upper end where the rate may as well be 0: its interval can reach below. What costs nothing does so at any
 * rate, and what was paid for nothing at all is infinite.
 */
function inverse(value: number, rate: Estimate): Estimate {
  if (value === 0 || value === Number.POSITIVE_INFINITY) return { value, low: value, high: value };
  const high = rate.low <= 0 ? Number.POSITIVE_INFINITY : (value * rate.value) / rate.low;
  return { value, low: (value * rate.value) / rate.high, high };
}

function resourceFigures(use: ResourceUse, metric: MetricName, { device, server }: Expectation): Figure[] {
  const wanted = metric === 'hostBusyShare' ? server : device;
  const isAsked = (name: string) => wanted === undefined || name === wanted;
  if (metric === 'memoryHeadroomMb') {
    return [...use.memoryHeadroomMb]
      .filter(([name]) => isAsked(name))
      .map(([subject, mb]) => ({ subject, estimate: unknownInterval(mb), isExact: true }));
  }
  return [...(metric === 'busyShare' ? use.busyShare : use.hostBusyShare)]
    .filter(([name]) => isAsked(name))
    .map(([subject, estimate]) => ({ subject, estimate, isExact: false }));
}
