import { hasSamePlan, type NamedLog } from '../metrics/compare-latency.js';
import { foundLoadedShare, hitShare } from '../metrics/model-shares.js';
import { PART_LATENCIES, type PartLatency, partLatency } from '../metrics/part-latencies.js';
import type { TenantReplications } from '../metrics/replication-figures.js';
import { type PairedDifference, relativePercent } from '../metrics/statistics/paired.js';
import { streamSloText } from '../metrics/stream-limits.js';
import { type Estimate, percentileOf, type SloSummary, type TenantSummary } from '../metrics/summary.js';
import { changesBetween, isViolatedSlo, keptByBoth, type ValueChange } from './changes.js';
import { type LogPair, pairedAttainment, pairedLatency, pairedThroughput } from './paired-logs.js';
import { pairedBySeed, type SeedPairs } from './paired-seeds.js';
import type { RunSnapshot } from './snapshot.js';
import { unpairedDifference } from './unpaired.js';
import { type Compared, type DiffOptions, judgeAll, type MetricChange } from './verdicts.js';

/** What changed between two runs, and what lies behind it. */
export interface RunDiff {
  readonly a: string;
  readonly b: string;
  readonly metrics: readonly MetricChange[];
  /** Tenants that only one of the runs has. */
  readonly tenantsOnlyIn: { readonly a: readonly string[]; readonly b: readonly string[] };
  /** Figures that are no estimates: prices, memory; and verdicts. */
  readonly facts: readonly ValueChange[];
  /** Version, seed, profiles, traces and, where both runs kept it, every field of the scenario. */
  readonly behind: readonly ValueChange[];
  readonly isWorse: boolean;
}

/** Compares b with a: positive differences are increases. */
export function diffRuns(a: RunSnapshot, b: RunSnapshot, options: DiffOptions = {}): RunDiff {
  const [tenantsA, tenantsB] = [a.report.summary.tenants, b.report.summary.tenants];
  const shared = tenantsA.flatMap((before) => {
    const after = tenantsB.find(({ tenant }) => tenant === before.tenant);
    return after === undefined ? [] : [{ before, after }];
  });
  const compared = shared.flatMap(({ before, after }) => tenantChanges(before, after, { a, b }));
  const metrics = judgeAll(compared, options.tolerancePercent ?? 0);
  const facts = changesBetween(factsOf(a), factsOf(b));
  return {
    a: a.name,
    b: b.name,
    metrics,
    tenantsOnlyIn: { a: namesMissing(tenantsA, tenantsB), b: namesMissing(tenantsB, tenantsA) },
    facts,
    behind: [...changesBetween(originOf(a), originOf(b)), ...keptByBoth('scenario', a.scenario, b.scenario)],
    isWorse: metrics.some(({ verdict }) => verdict === 'worse') || facts.some(isViolatedSlo),
  };
}

interface Snapshots {
  readonly a: RunSnapshot;
  readonly b: RunSnapshot;
}

function tenantChanges(before: TenantSummary, after: TenantSummary, snapshots: Snapshots): Compared[] {
  const pair = logPair(before.tenant, snapshots);
  const replications = replicationPair(before.tenant, snapshots);
  return metricsOf(before, after).flatMap(
    ({ estimate, paired, series, step, lowerIsBetter, metric, unit }) => {
      const [a, b] = [estimate(before), estimate(after)];
      if (a === undefined || b === undefined) return [];
      const comparison =
        named('requests', pair && paired?.(pair)) ??
        named(
          'seeds',
          replications &&
            series &&
            seedBySeed(replications, series, { overall: { a, b }, step: step?.(before) }),
        ) ??
        ({ basis: 'intervals', ...unpairedDifference(a, b) } as const);
      const { basis, difference, pValue } = comparison;
      const about = { tenant: before.tenant, metric, unit, basis, lowerIsBetter };
      const percent = relativePercent(b.value - a.value, a.value);
      return [{ ...about, a, b, difference, relativePercent: percent, pValue }];
    },
  );
}

type Difference = Pick<Compared, 'difference' | 'pValue'>;

function named<Basis extends Compared['basis']>(basis: Basis, comparison: Difference | undefined) {
  return comparison && { ...comparison, basis };
}

interface ReplicationPair {
  readonly a: TenantReplications;
  readonly b: TenantReplications;
}

/** The tenant's replications in both runs, where these were under the same seeds. */
function replicationPair(tenant: string, { a, b }: Snapshots): ReplicationPair | undefined {
  const [before, after] = [a.report.replications, b.report.replications];
  if (before === undefined || String(before.seeds) !== String(after?.seeds)) return undefined;
  const [ofA, ofB] = [before, after!].map(({ tenants }) => tenants.find((one) => one.tenant === tenant));
  return ofA && ofB && { a: ofA, b: ofB };
}

/** Undefined where a replication lacks the figure: the pairs would be of others than the means that are shown. */
function seedBySeed(
  replications: ReplicationPair,
  series: NonNullable<Metric['series']>,
  of: Pick<SeedPairs, 'overall' | 'step'>,
): Difference | undefined {
  const [a, b] = [series(replications.a), series(replications.b)];
  if (a === undefined || b === undefined || ![...a, ...b].every(Number.isFinite)) return undefined;
  return pairedBySeed({ a, b, overall: of.overall, step: of.step && of.step * a.length });
}

interface Metric {
  readonly metric: string;
  readonly unit: string;
  readonly lowerIsBetter: boolean;
  readonly estimate: (tenant: TenantSummary) => Estimate | undefined;
  /** Absent where a log does not say it. */
  readonly paired?: (pair: LogPair) => PairedDifference;
  /** Of each replication; absent where it is not kept. */
  readonly series?: (tenant: TenantReplications) => readonly number[] | undefined;
  /** Of a figure that counts requests: what one of them makes of all. */
  readonly step?: (tenant: TenantSummary) => number;
}

function metricsOf(before: TenantSummary, after: TenantSummary): Metric[] {
  const [slo, sloAfter] = [before.slo, after.slo];
  const isSameSlo = slo !== undefined && formatLimits(slo) === (sloAfter && formatLimits(sloAfter));
  const percentiles = [50, 95, 99, ...(slo === undefined ? [] : [slo.percentile])];
  return [
    {
      metric: 'throughput',
      unit: 'requests/s',
      lowerIsBetter: false,
      estimate: (tenant) => tenant.throughputPerS,
      paired: pairedThroughput,
      series: ({ throughputPerS }) => throughputPerS,
      step: ({ throughputPerS, counts }) => throughputPerS.value / counts.completed,
    },
    {
      metric: 'mean latency',
      unit: 'ms',
      lowerIsBetter: true,
      estimate: (tenant) => tenant.latencyMs.mean,
      paired: (pair) => pairedLatency(pair),
      series: ({ meanMs }) => meanMs,
    },
    ...[...new Set(percentiles)].map(
      (percentile): Metric => ({
        metric: `p${percentile} latency`,
        unit: 'ms',
        lowerIsBetter: true,
        estimate: (tenant) => percentileOf(tenant, percentile),
        paired: (pair) => pairedLatency(pair, percentile),
        series: ({ percentiles: all }) => all.find((one) => one.percentile === percentile)?.ms,
      }),
    ),
    ...(isSameSlo
      ? [
          {
            metric: formatLimits(slo),
            unit: 'of 1',
            lowerIsBetter: false,
            estimate: (tenant: TenantSummary) => tenant.slo?.attainment,
            paired: (pair: LogPair) => pairedAttainment(pair, slo),
            series: ({ attainment }: TenantReplications) => attainment,
            step: ({ counts }: TenantSummary) => 1 / counts.offered,
          },
        ]
      : []),
    ...PART_LATENCIES.flatMap(partMetrics),
  ];
}

const PARTS: Readonly<Record<PartLatency, string>> = {
  firstResponse: 'first response',
  betweenResponses: 'between responses',
  sequenceFirstAnswer: 'first answer of sequence',
  sequenceLastAnswer: 'last answer of sequence',
};

/** Of tenants of streams and of sequences. */
function partMetrics(part: PartLatency): Metric[] {
  return [50, 95, 99].map((percentile) => ({
    metric: `p${percentile} ${PARTS[part]}`,
    unit: 'ms',
    lowerIsBetter: true,
    estimate: (tenant) => {
      const latencyMs = partLatency(tenant, part);
      return latencyMs && percentileOf({ latencyMs }, percentile);
    },
  }));
}

function formatLimits(slo: SloSummary): string {
  return `within ${slo.limitMs} ms${streamSloText(slo)}`;
}

/** The logs of both runs where they hold the same requests of the tenant. */
function logPair(tenant: string, { a, b }: Snapshots): LogPair | undefined {
  if (a.log === undefined || b.log === undefined) return undefined;
  // A log that was converted may have lost a tenant without requests.
  if (![a.log, b.log].every(({ tenants }) => tenants.includes(tenant))) return undefined;
  // The figures are means over all replications, of which the log is the first alone.
  if (a.report.summary.runs > 1 || b.report.summary.runs > 1) return undefined;
  const [warmUpA, warmUpB] = [a.report.summary.warmUpS, b.report.summary.warmUpS];
  if (warmUpA !== warmUpB || a.log.endUs !== b.log.endUs) return undefined;
  const latencyFrom = latencyStart(a.scenario, tenant);
  if (latencyFrom !== latencyStart(b.scenario, tenant)) return undefined;
  const logOf = ({ name, log }: RunSnapshot): NamedLog => ({ name, log: log! });
  const pair = { a: logOf(a), b: logOf(b), tenant, warmUpUs: Math.round(warmUpA * 1e6), latencyFrom };
  return hasSamePlan(pair.a, pair.b, pair) ? pair : undefined;
}

function latencyStart(scenario: unknown, tenant: string): 'planned' | 'sent' {
  const { tenants } = (scenario ?? {}) as { readonly tenants?: unknown };
  if (!Array.isArray(tenants)) return 'planned';
  const isSent = tenants.some((entry) => entry?.name === tenant && entry?.load?.latencyFrom === 'sent');
  return isSent ? 'sent' : 'planned';
}

function namesMissing(from: readonly TenantSummary[], other: readonly TenantSummary[]): string[] {
  return from.map(({ tenant }) => tenant).filter((name) => !other.some(({ tenant }) => tenant === name));
}

/** What is not estimated, or only a verdict. Numbers that follow from the load have no interval here. */
function factsOf({ report }: RunSnapshot) {
  const { summary, cost } = report;
  return {
    ...(cost === undefined
      ? {}
      : {
          usdPerHour: cost.usdPerHour,
          penaltyUsdPerHour: cost.penaltyUsdPerHour,
          usdPerMillionInferences: Number(cost.usdPerMillionInferences.toPrecision(4)),
        }),
    tenants: summary.tenants.map(({ tenant, stability, slo }) => ({
      name: tenant,
      stability,
      ...(slo && { slo: `p${slo.percentile} <= ${slo.limitMs} ms`, sloMet: slo.met }),
    })),
    devices: summary.devices.map(({ server, device, kind, memoryUsedMb, busyShare }) => ({
      name: `${server}/${device}`,
      kind,
      memoryUsedMb,
      busyShare: Number(busyShare.toFixed(3)),
    })),
    models: summary.models.map(({ server, model, cache, loading }) => ({
      name: `${server}/${model}`,
      ...(cache && { hitShare: Number(hitShare(cache).toFixed(3)) }),
      ...(loading && { foundLoadedShare: Number(foundLoadedShare(loading).toFixed(3)) }),
    })),
  };
}

/** Where the figures come from. */
function originOf({ report }: RunSnapshot) {
  const { version, commit, seed, profileSources, traceSources } = report.provenance;
  return {
    version,
    commit,
    seed,
    runs: report.summary.runs,
    profiles: Object.fromEntries(
      profileSources.map(({ model, device, source }) => [`${model}@${device}`, source]),
    ),
    traces: traceSources,
  };
}
