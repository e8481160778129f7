import type { DeviceSummary, Summary, TenantSummary } from '../metrics/summary.js';
import type { CostBreakdown, TenantCost } from './cost.js';

/** A server's machine, as the scenario has it. */
export interface PricedServer {
  readonly server: string;
  readonly kind: string;
  readonly usdPerHour: number;
  readonly source: string;
  /** Share of the machine by device name where its devices are not worth the same (MIG slices). */
  readonly deviceWeights?: ReadonlyMap<string, number>;
  /** Names of the tenants whose requests may go there; absent = all. */
  readonly tenants?: readonly string[];
}

/** What a violated SLO costs a tenant's provider. */
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
 * what its tenants use elsewhere, and where that is nothing, equally. A machine that serves nobody is
 * divided over all tenants in the same way. On a machine without devices use follows the share of host
 * cores in use, divided by its tenants' inferences, wherever these were made; where it is not known how
 * many cores there are, nothing counts as used and a reservation is by inferences.
 * A machine or device that was there for a part of the run only costs that part: all is in the mean over the run.
 * A penalty is due in full when the SLO is not met.
 * Costs per million inferences are by reservation, penalties not included; Infinity when none completed.
 */
export function costBreakdown(
  summary: Summary,
  servers: readonly PricedServer[],
  penalties: readonly TenantPenalty[] = [],
): CostBreakdown {
  const paid = servers.map((server) => ({ ...server, usdPerHour: paidUsdPerHour(server, summary) }));
  const shares = servers.map((server) => sharesOf(server, summary));
  const byUse = summary.tenants.map((_, t) =>
    sum(servers.map(({ usdPerHour }, s) => usdPerHour * shares[s]!.used[t]!)),
  );
  const reserved = divideReservations(paid, shares, byUse);
  const usdPerHour = sum(paid.map((server) => server.usdPerHour));
  const penaltyOf = new Map(penalties.map(({ tenant, penaltyUsdPerHour }) => [tenant, penaltyUsdPerHour]));
  const tenants = summary.tenants.map(
    (tenant, t): TenantCost => ({
      tenant: tenant.tenant,
      byUseUsdPerHour: byUse[t]!,
      byReservationUsdPerHour: reserved[t]!,
      usdPerMillionInferences: perMillion(reserved[t]!, tenant.inferencesPerS.value),
      penaltyUsdPerHour: duePenalty(tenant, penaltyOf),
    }),
  );
  return {
    usdPerHour,
    usdPerMillionInferences: perMillion(usdPerHour, summary.total.inferencesPerS.value),
    penaltyUsdPerHour: sum(tenants.map((tenant) => tenant.penaltyUsdPerHour)),
    machines: paid.map(({ server, kind, usdPerHour: usd, source }) => ({
      server,
      kind,
      usdPerHour: usd,
      source,
    })),
    tenants,
    idleUsdPerHour: Math.max(0, usdPerHour - sum(byUse)),
  };
}

/**
 * What a machine costs per hour, in the mean over the run: its price for the time in which it was there, of each of its devices the
 * part that the device is worth for the time in which that was.
 */
function paidUsdPerHour({ server, usdPerHour, deviceWeights }: PricedServer, summary: Summary): number {
  const host = summary.hosts.find((candidate) => candidate.server === server);
  if (host?.presentShare === undefined) return usdPerHour;
  const devices = summary.devices.filter((device) => device.server === server);
  const weights = devices.map(({ device }) => deviceWeights?.get(device) ?? 1);
  const whole = sum(weights);
  if (whole === 0) return usdPerHour * host.presentShare;
  return (usdPerHour * sum(devices.map(({ presentShare = 1 }, d) => presentShare * weights[d]!))) / whole;
}

/** Dollars per million inferences at that rate; Infinity when something is paid and nothing done. */
export function perMillion(usdPerHour: number, inferencesPerS: number): number {
  if (usdPerHour === 0) return 0;
  return inferencesPerS > 0 ? (usdPerHour * 1e6) / (3600 * inferencesPerS) : Number.POSITIVE_INFINITY;
}

/** How one machine is divided, each a list by tenant. */
interface MachineShares {
  /** Part of the machine that the tenant used, 0..1. */
  readonly used: readonly number[];
  /** In which proportion the whole machine belongs to its tenants; all 0 where that cannot be told. */
  readonly proportions: readonly number[];
  /** 1 of those that it serves, 0 of others. */
  readonly served: readonly number[];
}

function sharesOf(server: PricedServer, summary: Summary): MachineShares {
  const own = server.tenants && new Set(server.tenants);
  const served = summary.tenants.map(({ tenant }) => (own?.has(tenant) === false ? 0 : 1));
  const devices = summary.devices.filter((device) => device.server === server.server);
  if (devices.length === 0) {
    const rates = summary.tenants.map((tenant, t) => served[t]! * (tenant.inferencesPerS.value || 0));
    return { used: useOfHost(server, summary, rates), proportions: rates, served };
  }
  const used = useOfDevices(server, devices, summary);
  return { used, proportions: used, served };
}

function useOfDevices(
  { deviceWeights }: PricedServer,
  devices: readonly DeviceSummary[],
  { tenants }: Summary,
): number[] {
  const weights = devices.map(({ device }) => deviceWeights?.get(device) ?? 1);
  const allWeights = sum(weights);
  const places = new Map(tenants.map(({ tenant }, t) => [tenant, t]));
  const used = tenants.map(() => 0);
  for (const [d, { shareByTenant }] of devices.entries()) {
    for (const { tenant, share } of shareByTenant) {
      const place = places.get(tenant);
      if (place !== undefined && allWeights > 0) used[place]! += (weights[d]! / allWeights) * share;
    }
  }
  return used;
}

/** @param rates inferences per second by tenant, of those whom it serves */
function useOfHost(server: PricedServer, summary: Summary, rates: readonly number[]): number[] {
  const host = summary.hosts.find((candidate) => candidate.server === server.server);
  const busy = host === undefined || host.cpuCores === 0 ? 0 : Math.min(1, host.coresBusy / host.cpuCores);
  const total = sum(rates);
  return rates.map((rate) => (total > 0 ? busy * (rate / total) : 0));
}

/** Dollars per hour that each tenant pays for the machines, idle time included. */
function divideReservations(
  servers: readonly PricedServer[],
  shares: readonly MachineShares[],
  byUse: readonly number[],
): number[] {
  const perServer = servers.map(({ usdPerHour }, s) => {
    const { proportions, served } = shares[s]!;
    const elsewhere = byUse.map((use, t) => served[t]! * use);
    const everybody = byUse.map(() => 1);
    const key = [proportions, elsewhere, served, byUse].find((parts) => sum(parts) > 0) ?? everybody;
    const whole = sum(key);
    return key.map((part) => usdPerHour * (part / whole));
  });
  return byUse.map((_, t) => sum(perServer.map((paid) => paid[t]!)));
}

function duePenalty(tenant: TenantSummary, penaltyOf: ReadonlyMap<string, number>): number {
  return tenant.slo?.met === false ? (penaltyOf.get(tenant.tenant) ?? 0) : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
