import { type CsvValue, csvOf } from '../base/csv.js';
import { roundNumber } from '../base/round-number.js';
import {
  type Estimate,
  type LatencySummary,
  PERCENTILES,
  percentileOf,
  type TenantSummary,
} from '../metrics/summary.js';
import type { RunReport } from './run-report.js';
import { STAGES } from './tables/tenant-tables.js';

type Row = readonly (readonly [column: string, value: CsvValue])[];

/**
 * One row per tenant as CSV (RFC 4180: CRLF, quotes doubled), units in the column names. Every
 * estimate has two more columns for the ends of its 95 % interval. An unknown figure is an empty field.
 */
export function tenantsToCsv(report: RunReport): string {
  const { tenants, total } = report.summary;
  const hasStream = tenants.some(({ stream }) => stream !== undefined);
  const hasSequences = tenants.some(({ sequences }) => sequences !== undefined);
  const columnsOf = (tenant: TenantSummary): Row => [
    ...loadColumns(tenant),
    ...latencyColumns(tenant),
    ...(hasStream ? streamColumns(tenant) : []),
    ...(hasSequences ? sequenceColumns(tenant) : []),
    ...sloColumns(tenant),
    ...costColumns(report, tenant.tenant),
  ];
  const header = columnsOf(total).map(([column]) => column);
  return toCsv(
    header,
    tenants.map((tenant) => columnsOf(tenant).map(([, value]) => value)),
  );
}

const DEVICE_COLUMNS = [
  ...['server', 'device', 'kind', 'busy_share'],
  ...['memory_used_mb', 'memory_mb', 'cpu_cores', 'cores_busy'],
];

/** One row per device, then one per host (its `device` is `host CPU`), as CSV like {@link tenantsToCsv}. */
export function devicesToCsv({ summary }: RunReport): string {
  const devices = summary.devices.map(
    ({ server, device, kind, busyShare, memoryUsedMb, memoryMb, memoryUnknown }) => [
      ...[server, device, kind, busyShare, memoryUnknown ? undefined : memoryUsedMb, memoryMb],
      ...[undefined, undefined],
    ],
  );
  const hosts = summary.hosts.map(({ server, cpuCores, coresBusy }) => [
    ...[server, 'host CPU', 'CPU', coresBusy / cpuCores, undefined, undefined, cpuCores, coresBusy],
  ]);
  return toCsv(DEVICE_COLUMNS, [...devices, ...hosts]);
}

function toCsv(header: readonly string[], rows: readonly (readonly CsvValue[])[]): string {
  const rounded = (value: CsvValue) => (typeof value === 'number' ? roundNumber(value) : value);
  return csvOf(
    header,
    rows.map((row) => row.map(rounded)),
  );
}

function loadColumns(tenant: TenantSummary): Row {
  return [
    ['tenant', tenant.tenant],
    ['stability', tenant.stability],
    ['offered', tenant.counts.offered],
    ['completed', tenant.counts.completed],
    ['rejected', tenant.counts.rejected],
    ['timed_out', tenant.counts.timedOut],
    ['failed', tenant.counts.failed],
    ['in_flight_at_end', tenant.counts.inFlightAtEnd],
    ['offered_per_s', tenant.offeredPerS],
    ...estimateColumns('throughput_per_s', tenant.throughputPerS),
    ...estimateColumns('inferences_per_s', tenant.inferencesPerS),
    ...estimateColumns('goodput_per_s', tenant.goodputPerS),
    ['executed_batch', tenant.executedBatch],
  ];
}

/** The percentiles that every tenant has; the SLO's own is among the SLO's columns. */
function latencyColumns(tenant: TenantSummary): Row {
  return [
    ...timeColumns('latency', tenant.latencyMs),
    ['latency_max_ms', tenant.latencyMs.max],
    ...STAGES.map(({ key, name }): Row[number] => [`${name.replace(' ', '_')}_ms`, tenant.splitMs[key]]),
  ];
}

/** Only in a table with a tenant that gets streams of responses. */
function streamColumns({ stream }: TenantSummary): Row {
  return [
    ['stream_requests', stream?.requests],
    ['responses_per_request', stream?.meanResponses],
    ...timeColumns('first_response', stream?.firstResponseMs),
    ...timeColumns('between_responses', stream?.betweenResponsesMs),
  ];
}

/** Only in a table with a tenant whose requests belong to sequences. */
function sequenceColumns({ sequences }: TenantSummary): Row {
  return [
    ['sequences_begun', sequences?.begun],
    ['sequences_answered', sequences?.answered],
    ...timeColumns('sequence_first_answer', sequences?.firstAnswerMs),
    ...timeColumns('sequence_last_answer', sequences?.lastAnswerMs),
  ];
}

function timeColumns(name: string, latency: LatencySummary | undefined): Row {
  return [
    ...estimateColumns(`${name}_mean_ms`, latency?.mean),
    ...PERCENTILES.flatMap((percentile) =>
      estimateColumns(
        `${name}_${percentileName(percentile)}_ms`,
        latency && percentileOf({ latencyMs: latency }, percentile),
      ),
    ),
  ];
}

function sloColumns(tenant: TenantSummary): Row {
  const slo = tenant.slo;
  const attainment = slo?.attainment;
  return [
    ['slo_percentile', slo?.percentile],
    ['slo_limit_ms', slo?.limitMs],
    ...estimateColumns('slo_latency_ms', slo && percentileOf(tenant, slo.percentile)),
    ...estimateColumns('slo_attainment', attainment),
    ['slo_met', slo?.met ?? undefined],
  ];
}

/** Without a dot, which SQL and pandas take for a member; as in the results of sweeps. */
function percentileName(percentile: number): string {
  return `p${String(percentile).replace('.', '_')}`;
}

function costColumns(report: RunReport, tenant: string): Row {
  const cost = report.cost?.tenants.find((row) => row.tenant === tenant);
  return [
    ['by_use_usd_per_hour', cost?.byUseUsdPerHour],
    ['by_reservation_usd_per_hour', cost?.byReservationUsdPerHour],
    ['usd_per_million_inferences', cost?.usdPerMillionInferences],
    ['penalty_usd_per_hour', cost?.penaltyUsdPerHour],
  ];
}

function estimateColumns(name: string, estimate: Estimate | undefined): Row {
  return [
    [name, estimate?.value],
    [`${name}_low`, estimate?.low],
    [`${name}_high`, estimate?.high],
  ];
}
