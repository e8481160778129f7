import type { Summary, TenantSummary } from '../metrics/summary.js';
import type { CostBreakdown, TenantCost } from './cost.js';

/** A server's machine, as the scenario has it. */
export interface PricedServer {
  readonly server: string;
  readonly kind: string;
  readonly usdPerHour: number;
  readonly source: string;
  /** Share of the machine by device name where its devices are not worth the same (MIG slices). */
  readonly deviceWeights?: ReadonlyMap<string, number>;
}

/** What a broken SLO costs a tenant's provider. */
export interface TenantPenalty {
  readonly tenant: string;
  readonly penaltyUsdPerHour: number;
}

/**
 * What a run costs per hour and per million inferences, and who causes it.
 *
 * A machine's price is divided over its devices (equally, or by weight). Of a device's price a tenant
 * uses the share of time in which its executions kept it busy; the rest is idle. So uses and idle add up
 * to the whole price. A reservation gives each machine's idle part to its tenants in proportion to use,
 * so reservations add up to the whole as well; a machine that nobody used is divided in proportion to
 * all use, and where there is none at all, equally. On a machine without devices use follows the share
 * of host cores in use, divided by inferences. A penalty is due in full when the SLO is not met.
 * Costs per million inferences are by reservation, penalties not included; Infinity when none completed.
 */
export function costBreakdown(
  summary: Summary,
  servers: readonly PricedServer[],
  penalties: readonly TenantPenalty[] = [],
): CostBreakdown {
  const names = summary.tenants.map(({ tenant }) => tenant);
  const used = servers.map((server) => useOfServer(server, summary, names));
  const byUse = names.map((_, t) => sum(used.map((use) => use[t]!)));
  const reserved = divideReservations(servers, used, byUse);
  const penaltyOf = (tenant: TenantSummary) => duePenalty(tenant, penalties);
  const usdPerHour = sum(servers.map((server) => server.usdPerHour));
  const tenants = summary.tenants.map(
    (tenant, t): TenantCost => ({
      tenant: tenant.tenant,
      byUseUsdPerHour: byUse[t]!,
      byReservationUsdPerHour: reserved[t]!,
      usdPerMillionInferences: perMillion(reserved[t]!, tenant.inferencesPerS.value),
      penaltyUsdPerHour: penaltyOf(tenant),
    }),
  );
  return {
    usdPerHour,
    usdPerMillionInferences: perMillion(usdPerHour, summary.total.inferencesPerS.value),
    penaltyUsdPerHour: sum(tenants.map((tenant) => tenant.penaltyUsdPerHour)),
    machines: servers.map(({ server, kind, usdPerHour: usd, source }) => ({
      server,
      kind,
      usdPerHour: usd,
      source,
    })),
    tenants,
    idleUsdPerHour: Math.max(0, usdPerHour - sum(byUse)),
  };
}

/** Dollars per million inferences at that rate; Infinity when something is paid and nothing done. */
export function perMillion(usdPerHour: number, inferencesPerS: number): number {
  if (usdPerHour === 0) return 0;
  return inferencesPerS > 0 ? (usdPerHour * 1e6) / (3600 * inferencesPerS) : Number.POSITIVE_INFINITY;
}

/** Dollars per hour that each tenant uses of one machine. */
function useOfServer(server: PricedServer, summary: Summary, names: readonly string[]): number[] {
  const devices = summary.devices.filter((device) => device.server === server.server);
  if (devices.length === 0) return useOfHost(server, summary);
  const weights = devices.map(({ device }) => server.deviceWeights?.get(device) ?? 1);
  const allWeights = sum(weights);
  return names.map((name) => {
    const shares = devices.map((device, d) => {
      const share = device.shareByTenant.find(({ tenant }) => tenant === name)?.share ?? 0;
      return allWeights > 0 ? (weights[d]! / allWeights) * share : 0;
    });
    return server.usdPerHour * sum(shares);
  });
}

function useOfHost(server: PricedServer, summary: Summary): number[] {
  const host = summary.hosts.find((candidate) => candidate.server === server.server);
  const busy = host === undefined || host.cpuCores === 0 ? 0 : Math.min(1, host.coresBusy / host.cpuCores);
  const rates = summary.tenants.map((tenant) => tenant.inferencesPerS.value || 0);
  const total = sum(rates);
  return rates.map((rate) => (total > 0 ? server.usdPerHour * busy * (rate / total) : 0));
}

function divideReservations(
  servers: readonly PricedServer[],
  used: readonly number[][],
  byUse: readonly number[],
) {
  const perServer = servers.map((server, s) => {
    const key = [used[s]!, byUse].find((candidate) => sum(candidate) > 0) ?? byUse.map(() => 1);
    return key.map((use) => server.usdPerHour * (use / sum(key)));
  });
  return byUse.map((_, t) => sum(perServer.map((shares) => shares[t]!)));
}

function duePenalty(tenant: TenantSummary, penalties: readonly TenantPenalty[]): number {
  if (tenant.slo === undefined || tenant.slo.met) return 0;
  return penalties.find((penalty) => penalty.tenant === tenant.tenant)?.penaltyUsdPerHour ?? 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
