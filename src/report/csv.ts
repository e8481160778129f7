import { type CsvValue, csvOf } from '../base/csv.js';
import { roundNumber } from '../base/round-number.js';
import { type Estimate, PERCENTILES, percentileOf, type TenantSummary } from '../metrics/summary.js';
import type { RunReport } from './run-report.js';

type Row = readonly (readonly [column: string, value: CsvValue])[];

/**
 * One row per tenant as CSV (RFC 4180: CRLF, quotes doubled), units in the column names. Every
 * estimate has two more columns for the ends of its 95 % interval. An unknown figure is an empty field.
 */
export function tenantsToCsv(report: RunReport): string {
  const hasStream = report.summary.tenants.some(({ stream }) => stream !== undefined);
  const rows = report.summary.tenants.map((tenant) => [
    ...loadColumns(tenant),
    ...latencyColumns(tenant),
    ...(hasStream ? streamColumns(tenant) : []),
    ...sloColumns(tenant),
    ...costColumns(report, tenant.tenant),
  ]);
  return toCsv(rows, () => [
    ...loadColumns(report.summary.total),
    ...latencyColumns(report.summary.total),
    ...sloColumns(report.summary.total),
    ...costColumns(report, ''),
  ]);
}

/** One row per device, then one per host (its `device` is `host CPU`), as CSV like {@link tenantsToCsv}. */
export function devicesToCsv(report: RunReport): string {
  const devices = report.summary.devices.map((device) =>
    deviceColumns({
      ...device,
      cpuCores: undefined,
      coresBusy: undefined,
      ...(device.memoryUnknown && { memoryUsedMb: undefined }),
    }),
  );
  const hosts = report.summary.hosts.map((host) =>
    deviceColumns({
      ...host,
      device: 'host CPU',
      kind: 'CPU',
      busyShare: host.coresBusy / host.cpuCores,
      memoryUsedMb: undefined,
      memoryMb: undefined,
    }),
  );
  return toCsv([...devices, ...hosts], () => deviceColumns({}));
}

/** `template` gives the column names where there is no row. */
function toCsv(rows: readonly Row[], template: () => Row): string {
  const header = (rows[0] ?? template()).map(([column]) => column);
  return csvOf(
    header,
    rows.map((row) => row.map(([, value]) => rounded(value))),
  );
}

function rounded(value: CsvValue): CsvValue {
  return typeof value === 'number' ? roundNumber(value) : value;
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
  const { mean, max } = tenant.latencyMs;
  const split = tenant.splitMs;
  return [
    ...estimateColumns('latency_mean_ms', mean),
    ...PERCENTILES.flatMap((percentile) =>
      estimateColumns(`latency_${percentileName(percentile)}_ms`, percentileOf(tenant, percentile)),
    ),
    ['latency_max_ms', max],
    ['client_ms', split.client],
    ['network_ms', split.network],
    ['front_end_ms', split.frontEnd],
    ['queue_ms', split.queue],
    ['input_ms', split.input],
    ['infer_ms', split.infer],
    ['output_ms', split.output],
    ['response_ms', split.response],
  ];
}

/** Only in a table with a tenant that gets streams of responses. */
function streamColumns({ stream }: TenantSummary): Row {
  const times = [
    ['first_response', stream?.firstResponseMs],
    ['between_responses', stream?.betweenResponsesMs],
  ] as const;
  return [
    ['stream_requests', stream?.requests],
    ['responses_per_request', stream?.meanResponses],
    ...times.flatMap(([name, latency]) => [
      ...estimateColumns(`${name}_mean_ms`, latency?.mean),
      ...PERCENTILES.flatMap((percentile) =>
        estimateColumns(
          `${name}_${percentileName(percentile)}_ms`,
          latency && percentileOf({ latencyMs: latency }, percentile),
        ),
      ),
    ]),
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

interface DeviceColumns {
  readonly server?: string;
  readonly device?: string;
  readonly kind?: string;
  readonly busyShare?: number;
  readonly memoryUsedMb?: number | undefined;
  readonly memoryMb?: number | undefined;
  readonly cpuCores?: number | undefined;
  readonly coresBusy?: number | undefined;
}

function deviceColumns(row: DeviceColumns): Row {
  return [
    ['server', row.server],
    ['device', row.device],
    ['kind', row.kind],
    ['busy_share', row.busyShare],
    ['memory_used_mb', row.memoryUsedMb],
    ['memory_mb', row.memoryMb],
    ['cpu_cores', row.cpuCores],
    ['cores_busy', row.coresBusy],
  ];
}
