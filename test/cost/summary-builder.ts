import type { DeviceSummary, Estimate, Summary, TenantSummary } from '../../src/metrics/summary.js';
import type { HostUse } from '../../src/simulator/result.js';

export interface TenantDraft {
  readonly name: string;
  readonly inferencesPerS: number;
  /** undefined: no SLO. */
  readonly met?: boolean;
}

export interface DeviceDraft {
  readonly server: string;
  readonly device: string;
  readonly shares: Readonly<Record<string, number>>;
}

/** A summary with no more in it than cost needs. */
export function buildSummary(
  tenants: readonly TenantDraft[],
  devices: readonly DeviceDraft[],
  hosts: readonly HostUse[] = [],
): Summary {
  const total = tenants.reduce((sum, { inferencesPerS }) => sum + inferencesPerS, 0);
  return {
    scenario: 'test',
    seed: '1',
    runs: 1,
    measuredS: 60,
    warmUpS: 0,
    tenants: tenants.map(tenantSummary),
    total: tenantSummary({ name: 'total', inferencesPerS: total }),
    devices: devices.map(deviceSummary),
    hosts,
    models: [],
    warnings: [],
  };
}

function estimate(value: number): Estimate {
  return { value, low: Number.NaN, high: Number.NaN };
}

function tenantSummary({ name, inferencesPerS, met }: TenantDraft): TenantSummary {
  const rate = estimate(inferencesPerS);
  return {
    tenant: name,
    counts: { offered: 0, completed: 0, rejected: 0, timedOut: 0, failed: 0, inFlightAtEnd: 0 },
    offeredPerS: inferencesPerS,
    throughputPerS: rate,
    inferencesPerS: rate,
    goodputPerS: rate,
    latencyMs: { mean: estimate(1), max: 1, percentiles: [] },
    splitMs: { client: 0, network: 0, frontEnd: 0, queue: 0, input: 0, infer: 1, output: 0, response: 0 },
    executedBatch: 1,
    ...(met !== undefined && {
      slo: { percentile: 99, limitMs: 10, attainment: estimate(met ? 1 : 0.5), met },
    }),
    stability: 'stable',
  };
}

function deviceSummary({ server, device, shares }: DeviceDraft): DeviceSummary {
  const shareByTenant = Object.entries(shares).map(([tenant, share]) => ({ tenant, share }));
  const busyShare = shareByTenant.reduce((sum, { share }) => sum + share, 0);
  return {
    server,
    device,
    kind: 'Tesla T4',
    busyShare,
    memoryUsedMb: 0,
    memoryMb: 0,
    shareByTenant,
    timeline: [],
  };
}
