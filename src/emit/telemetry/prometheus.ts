import type { Estimate } from '../../metrics/summary.js';
import type { RunReport } from '../../report/run-report.js';

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly labels: Labels;
  readonly value: number | undefined;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/**
 * The figures of a run in Prometheus' text format (version 0.0.4): gauges in base units, those of a tenant with the label `tenant`,
 * all with that of the scenario. A figure that is not known has no sample.
 */
export function reportToPrometheus(report: RunReport): string {
  const scenario = report.summary.scenario;
  const lines = [...tenantFamilies(report), ...resourceFamilies(report), ...costFamilies(report)].flatMap(
    ({ name, help, samples }) => {
      const known = samples.filter(({ value }) => value !== undefined && !Number.isNaN(value));
      if (known.length === 0) return [];
      return [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} gauge`,
        ...known.map(
          ({ labels, value }) => `${name}${labelText({ scenario, ...labels })} ${numberText(value!)}`,
        ),
      ];
    },
  );
  return `${lines.join('\n')}\n`;
}

/** The value and the ends of its interval, told apart by a label. */
function withEnds(labels: Labels, { value, low, high }: Estimate, scale = 1): Sample[] {
  return [
    { labels: { ...labels, bound: 'value' }, value: value * scale },
    { labels: { ...labels, bound: 'low' }, value: low * scale },
    { labels: { ...labels, bound: 'high' }, value: high * scale },
  ];
}

function tenantFamilies({ summary: { tenants } }: RunReport): Family[] {
  const each = (of: (tenant: (typeof tenants)[number], labels: Labels) => readonly Sample[]) =>
    tenants.flatMap((tenant) => of(tenant, { tenant: tenant.tenant }));
  return [
    {
      name: 'perseus_requests',
      help: 'Requests of the run by how they ended; all that were offered.',
      samples: each(({ counts }, labels) =>
        Object.entries(counts).map(([outcome, value]) => ({ labels: { ...labels, outcome }, value })),
      ),
    },
    {
      name: 'perseus_throughput_requests_per_second',
      help: 'Requests completed per second.',
      samples: each(({ throughputPerS }, labels) => withEnds(labels, throughputPerS)),
    },
    {
      name: 'perseus_latency_seconds',
      help: 'Latency from the planned arrival, by quantile.',
      samples: each(({ latencyMs }, labels) =>
        latencyMs.percentiles.flatMap(({ percentile, ms }) =>
          withEnds({ ...labels, quantile: String(Number((percentile / 100).toPrecision(6))) }, ms, 1e-3),
        ),
      ),
    },
    {
      name: 'perseus_stage_seconds',
      help: 'Where a mean completed request spends its time.',
      samples: each(({ splitMs }, labels) =>
        Object.entries(splitMs).map(([stage, ms]) => ({ labels: { ...labels, stage }, value: ms / 1000 })),
      ),
    },
    {
      name: 'perseus_overloaded',
      help: 'Whether latency grows for as long as the load lasts (1).',
      samples: each(({ stability }, labels) => [{ labels, value: Number(stability === 'overloaded') }]),
    },
    {
      name: 'perseus_slo_limit_seconds',
      help: 'Limit of the SLO on latency.',
      samples: each(({ slo }, labels) => [{ labels, value: slo && slo.limitMs / 1000 }]),
    },
    {
      name: 'perseus_slo_attainment_ratio',
      help: 'Share of the offered requests answered within the limit.',
      samples: each(({ slo }, labels) => (slo === undefined ? [] : withEnds(labels, slo.attainment))),
    },
    {
      name: 'perseus_slo_met',
      help: 'Whether the SLO is met (1) or violated (0).',
      samples: each(({ slo }, labels) => [
        { labels, value: slo === undefined || slo.met === null ? undefined : Number(slo.met) },
      ]),
    },
  ];
}

const MIB = 2 ** 20;

function resourceFamilies({ summary: { devices, hosts } }: RunReport): Family[] {
  return [
    {
      name: 'perseus_device_busy_ratio',
      help: 'Share of the run in which a device executed something.',
      samples: devices.map(({ server, device, kind, busyShare }) => ({
        labels: { server, device, kind },
        value: busyShare,
      })),
    },
    {
      name: 'perseus_device_memory_used_bytes',
      help: 'Most memory in use on a device, where all profiles know it.',
      samples: devices.map(({ server, device, kind, memoryUsedMb, memoryUnknown }) => ({
        labels: { server, device, kind },
        value: memoryUnknown ? undefined : memoryUsedMb * MIB,
      })),
    },
    {
      name: 'perseus_host_cores_busy',
      help: 'Mean number of CPU cores in use.',
      samples: hosts.map(({ server, coresBusy }) => ({ labels: { server }, value: coresBusy })),
    },
  ];
}

function costFamilies({ cost }: RunReport): Family[] {
  if (cost === undefined) return [];
  return [
    {
      name: 'perseus_cost_usd_per_hour',
      help: 'What all machines cost.',
      samples: [{ labels: {}, value: cost.usdPerHour }],
    },
    {
      name: 'perseus_tenant_cost_usd_per_hour',
      help: 'What a tenant costs, idle time in proportion to use.',
      samples: cost.tenants.map(({ tenant, byReservationUsdPerHour }) => ({
        labels: { tenant },
        value: byReservationUsdPerHour,
      })),
    },
  ];
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    const escaped = value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
    return `${name}="${escaped}"`;
  });
  return `{${pairs.join(',')}}`;
}

/** Nine significant digits, as other outputs have; infinity as the format writes it. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(Number(value.toPrecision(9)));
}
