import type { CostBreakdown } from '../cost/cost.js';
import type { RunFigures } from '../measure/run-figures.js';
import { PART_LATENCIES, partLatency } from '../metrics/part-latencies.js';
import { type Estimate, PERCENTILES, percentileOf, type TenantSummary } from '../metrics/summary.js';
import type { Scenario } from '../scenario/scenario.js';

/** What a cell holds; null where a figure cannot be told. */
export type SweepCell = number | string | boolean | null;

/** One tenant of one point, or all of them together: a value for each of {@link ROW_COLUMNS}. */
export type SweepRow = Readonly<Record<string, SweepCell>>;

/** How a column is kept in a file. */
export type ColumnType = 'text' | 'number' | 'count' | 'flag';

/** Name of the row over all tenants. */
export const TOTAL_ROW = 'total';

/**
 * Codes of the warnings about profiles and batchers, those of {@link Warning} with {@link CODES_APART} between them; in the row over all tenants.
 */
export const WARNINGS_COLUMN = 'warnings';
export const CODES_APART = ' ';

interface RowSource {
  readonly tenant: TenantSummary;
  /** Index of the tenant; undefined for the total. */
  readonly index: number | undefined;
  readonly scenario: Scenario;
  readonly figures: RunFigures;
  readonly cost: CostBreakdown;
}

interface RowColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly of: (source: RowSource) => SweepCell | undefined;
}

const column = (name: string, type: ColumnType, of: RowColumn['of']): RowColumn => ({ name, type, of });

/** A figure and the ends of its 95 % interval. */
function estimate(name: string, of: (source: RowSource) => Estimate | undefined): RowColumn[] {
  return [
    column(name, 'number', (source) => of(source)?.value),
    column(`${name}_low`, 'number', (source) => of(source)?.low),
    column(`${name}_high`, 'number', (source) => of(source)?.high),
  ];
}

/** A figure of all tenants together, which does not exist for one alone. */
const ofTotal = (name: string, type: ColumnType, of: (figures: RunFigures) => SweepCell | undefined) =>
  column(name, type, ({ index, figures }) => (index === undefined ? of(figures) : undefined));

const COLUMNS: readonly RowColumn[] = [
  column('tenant', 'text', ({ tenant, index }) => (index === undefined ? TOTAL_ROW : tenant.tenant)),
  column('model', 'text', ({ index, scenario }) =>
    index === undefined ? undefined : scenario.tenants[index]!.model,
  ),
  column('is_total', 'flag', ({ index }) => index === undefined),
  column('stability', 'text', ({ tenant }) => tenant.stability),
  column('offered', 'count', ({ tenant }) => tenant.counts.offered),
  column('completed', 'count', ({ tenant }) => tenant.counts.completed),
  column('rejected', 'count', ({ tenant }) => tenant.counts.rejected),
  column('timed_out', 'count', ({ tenant }) => tenant.counts.timedOut),
  column('in_flight_at_end', 'count', ({ tenant }) => tenant.counts.inFlightAtEnd),
  column('offered_per_s', 'number', ({ tenant }) => tenant.offeredPerS),
  ...estimate('throughput_per_s', ({ tenant }) => tenant.throughputPerS),
  ...estimate('inferences_per_s', ({ tenant }) => tenant.inferencesPerS),
  ...estimate('goodput_per_s', ({ tenant }) => tenant.goodputPerS),
  ...estimate('latency_mean_ms', ({ tenant }) => tenant.latencyMs.mean),
  ...PERCENTILES.flatMap((percentile) =>
    estimate(`latency_p${String(percentile).replace('.', '_')}_ms`, ({ tenant }) =>
      percentileOf(tenant, percentile),
    ),
  ),
  column('latency_max_ms', 'number', ({ tenant }) => tenant.latencyMs.max),
  column('slo_percentile', 'number', ({ tenant }) => tenant.slo?.percentile),
  column('slo_limit_ms', 'number', ({ tenant }) => tenant.slo?.limitMs),
  ...estimate('slo_latency_ms', ({ tenant }) => tenant.slo && percentileOf(tenant, tenant.slo.percentile)),
  column('slo_attainment', 'number', ({ tenant, index, figures }) =>
    index === undefined ? figures.attainment : tenant.slo?.attainment.value,
  ),
  column('slo_attainment_low', 'number', ({ tenant }) => tenant.slo?.attainment.low),
  column('slo_attainment_high', 'number', ({ tenant }) => tenant.slo?.attainment.high),
  column('slo_met', 'flag', ({ tenant, index, figures }) =>
    index === undefined ? metAll(figures) : tenant.slo?.met,
  ),
  ofTotal('slos', 'count', (figures) => withSlo(figures).length),
  ofTotal('slos_met', 'count', (figures) => withSlo(figures).filter(({ slo }) => slo!.met).length),
  ofTotal('devices', 'count', ({ summary }) => summary.devices.length),
  column('busy_share', 'number', ({ tenant, index, figures }) =>
    index === undefined ? meanBusy(figures) : deviceShare(figures, tenant.tenant),
  ),
  ofTotal('busy_share_most', 'number', highestBusy),
  column('usd_per_hour', 'number', ({ tenant, index, cost }) =>
    index === undefined ? cost.usdPerHour : costOf(cost, tenant.tenant)?.byReservationUsdPerHour,
  ),
  column('penalty_usd_per_hour', 'number', ({ tenant, index, cost }) =>
    index === undefined ? cost.penaltyUsdPerHour : costOf(cost, tenant.tenant)?.penaltyUsdPerHour,
  ),
  column('usd_per_million_inferences', 'number', ({ tenant, index, cost }) =>
    index === undefined ? cost.usdPerMillionInferences : costOf(cost, tenant.tenant)?.usdPerMillionInferences,
  ),
  ofTotal('cache_hit_share', 'number', ({ summary: { models } }) =>
    shareOfHits(models.flatMap(({ cache }) => (cache ? [[cache.hits, cache.executed]] : []))),
  ),
  ofTotal('found_loaded_share', 'number', ({ summary: { models } }) =>
    shareOfHits(models.flatMap(({ loading }) => (loading ? [[loading.hits, loading.misses]] : []))),
  ),
  // Of streams and of whole sequences.
  ...PART_LATENCIES.flatMap((part) =>
    [50, 95, 99].map((percentile) =>
      column(`${snakeCase(part)}_p${percentile}_ms`, 'number', ({ tenant }) => {
        const latencyMs = partLatency(tenant, part);
        return latencyMs && percentileOf({ latencyMs }, percentile)?.value;
      }),
    ),
  ),
  ofTotal(WARNINGS_COLUMN, 'text', warningCodes),
];

/** Columns of every sweep, in their order, after those of its axes. */
export const ROW_COLUMNS: readonly { readonly name: string; readonly type: ColumnType }[] = COLUMNS.map(
  ({ name, type }) => ({ name, type }),
);

/** Names of the columns that results have whatever their axes are, in no order. */
export const RESULT_COLUMNS: readonly string[] = ['point', 'key', ...ROW_COLUMNS.map(({ name }) => name)];

/** One row for each tenant, then one for all together. */
export function pointRows(scenario: Scenario, figures: RunFigures, cost: CostBreakdown): SweepRow[] {
  const { tenants, total } = figures.summary;
  const sources = [
    ...tenants.map((tenant, index) => ({ tenant, index })),
    { tenant: total, index: undefined },
  ];
  return sources.map(({ tenant, index }) => {
    const source = { tenant, index, scenario, figures, cost };
    const row: Record<string, SweepCell> = {};
    for (const { name, of } of COLUMNS) row[name] = known(of(source));
    return row;
  });
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Of the hits and the others of each model, all together. */
function shareOfHits(models: readonly number[][]): number | undefined {
  const sum = (place: number) => models.reduce((all, counts) => all + counts[place]!, 0);
  return models.length === 0 ? undefined : sum(0) / (sum(0) + sum(1));
}

function known(value: SweepCell | undefined): SweepCell {
  if (value === undefined) return null;
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

function withSlo({ summary }: RunFigures): TenantSummary[] {
  return summary.tenants.filter(({ slo }) => slo !== undefined);
}

/** Unknown where there is no SLO, or none was violated but it is not known of all. */
function metAll(figures: RunFigures): boolean | undefined {
  const met = withSlo(figures).map(({ slo }) => slo!.met);
  if (met.includes(false)) return false;
  return met.length === 0 || met.includes(null) ? undefined : true;
}

/** Mean busy share of the devices: what a fleet is used to. */
function meanBusy({ summary: { devices } }: RunFigures): number | undefined {
  if (devices.length === 0) return undefined;
  return devices.reduce((sum, { busyShare }) => sum + busyShare, 0) / devices.length;
}

function highestBusy({ summary: { devices } }: RunFigures): number | undefined {
  return devices.length === 0
    ? undefined
    : devices.reduce((most, { busyShare }) => Math.max(most, busyShare), 0);
}

function warningCodes({ summary: { warnings } }: RunFigures): string | undefined {
  const codes = new Set(warnings.map(({ code }) => code));
  return codes.size === 0 ? undefined : [...codes].sort().join(CODES_APART);
}

/** Device time of one tenant, in whole devices. */
function deviceShare({ summary: { devices } }: RunFigures, tenant: string): number | undefined {
  if (devices.length === 0) return undefined;
  return devices
    .flatMap(({ shareByTenant }) => shareByTenant.filter((share) => share.tenant === tenant))
    .reduce((sum, { share }) => sum + share, 0);
}

function costOf({ tenants }: CostBreakdown, name: string): CostBreakdown['tenants'][number] | undefined {
  return tenants.find(({ tenant }) => tenant === name);
}
