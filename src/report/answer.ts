import { plural } from '../base/plural.js';
import { someOf } from '../base/some-of.js';
import { type CostBreakdown, hasPrice } from '../cost/cost.js';
import { isShedding } from '../metrics/figures/stability.js';
import { streamSloText } from '../metrics/stream-limits.js';
import { percentileOf, type TenantSummary } from '../metrics/summary.js';
import { formatNumber, formatPercent, formatSetting, formatUsd } from './format.js';
import { ifRight } from './provenance.js';
import type { RunReport } from './run-report.js';

/** Whether the SLO was met; `none` where none was made, `unknown` where no request was counted. */
export type Verdict = 'met' | 'missed' | 'none' | 'unknown';

export function verdictOf(tenant: TenantSummary): Verdict {
  if (tenant.slo === undefined) return 'none';
  if (tenant.slo.met === null) return 'unknown';
  return tenant.slo.met ? 'met' : 'missed';
}

/**
 * Whether the work outran the servers. Where nothing bounds their queue ({@link latencyGrows}) latency then grows with the length of
 * the run, so its figures describe the run and not the system, and reports for people show this verdict in their place.
 */
export function isSaturated(tenant: TenantSummary): boolean {
  return tenant.stability !== 'stable';
}

/** `p99 ≤ 100 ms`, or `none`. */
export function formatSlo(tenant: TenantSummary): string {
  const slo = tenant.slo;
  return slo === undefined ? 'none' : `p${slo.percentile} ≤ ${formatSetting(slo.limitMs)} ms`;
}

/** Which SLOs are met, and on which guesses that rests; which are not and why, what cannot keep up. */
export function answerSentences({ summary, provenance }: RunReport): readonly string[] {
  const withSlo = summary.tenants.filter(({ slo }) => slo !== undefined);
  const unknown = withSlo.filter((tenant) => verdictOf(tenant) === 'unknown');
  const missed = withSlo.filter((tenant) => verdictOf(tenant) === 'missed');
  const known = withSlo.length - unknown.length;
  const saturated = summary.tenants.filter(isSaturated);
  return [
    ...(known > 0 || unknown.length === 0
      ? [sloSentence(known, missed.length, provenance.profileGuesses)]
      : []),
    ...firstFew(unknown.map(unknownSentence)),
    ...firstFew(missed.filter((tenant) => !isSaturated(tenant)).map(missSentence)),
    ...firstFew(saturated.map(saturationSentence)),
  ];
}

/** The most tenants that one kind of sentence names. */
const MAX_NAMED = 3;

function firstFew(sentences: readonly string[]): readonly string[] {
  const rest = sentences.length - MAX_NAMED;
  return rest > 0 ? [...sentences.slice(0, MAX_NAMED), `The same holds for ${rest} more.`] : sentences;
}

function sloSentence(withSlo: number, missed: number, guesses: string | undefined): string {
  if (withSlo === 0) return 'No tenant has an SLO.';
  return ifRight(`${sloVerdict(withSlo, missed)}.`, guesses);
}

function sloVerdict(withSlo: number, missed: number): string {
  if (withSlo === 1) return missed === 0 ? 'The SLO is met' : 'The SLO is missed';
  const all = withSlo === 2 ? 'Both' : `All ${withSlo}`;
  if (missed === 0) return `${all} SLOs are met`;
  if (missed === withSlo) return `${all} SLOs are missed`;
  return `${withSlo - missed} of ${withSlo} SLOs ${plural(withSlo - missed, 'is', 'are')} met`;
}

function unknownSentence({ tenant }: TenantSummary): string {
  return `No request of ${tenant} was counted: whether its SLO is met is not known.`;
}

function missSentence(tenant: TenantSummary): string {
  const { percentile, limitMs, attainment } = tenant.slo!;
  const reached = percentileOf(tenant, percentile)?.value ?? Number.NaN;
  const limit = `${formatSetting(limitMs)} ms`;
  const share = `${formatPercent(attainment.value)} % of its requests are answered within the limit`;
  // Rejected requests count as missed, so the latency of the completed ones can be within the limit.
  if (!(reached > limitMs))
    return `${tenant.tenant} misses its SLO: only ${share} of ${limit}${streamSloText(tenant.slo!)}.`;
  return `${tenant.tenant} misses its SLO: p${percentile} is ${formatNumber(reached)} ms where ${limit} is allowed; ${share}.`;
}

function saturationSentence(tenant: TenantSummary): string {
  const rates = `${formatNumber(tenant.offeredPerS)} requests/s offered, ${formatNumber(tenant.throughputPerS.value)} completed`;
  return `${tenant.tenant} is ${tenant.stability} (${rates}): ${saturationReason(tenant)}.`;
}

/** What tells whether a tenant is kept up with. */
interface SettledTenant extends Pick<TenantSummary, 'stability'> {
  readonly counts: Pick<TenantSummary['counts'], 'offered' | 'rejected' | 'timedOut'>;
}

/** Whether nothing bounds the latency of a tenant that is not kept up with: refusals and timeouts keep its queue short. */
export function latencyGrows({ stability, counts }: SettledTenant): boolean {
  return stability !== 'stable' && !isShedding(counts.rejected + counts.timedOut, counts.offered);
}

function saturationReason(tenant: TenantSummary): string {
  const { stability, counts } = tenant;
  if (stability !== 'overloaded') return 'its queue was still long when the run ended';
  if (latencyGrows(tenant)) return 'its latency grows for as long as this load lasts';
  const shed = counts.rejected + counts.timedOut;
  return `${formatPercent(shed / counts.offered)} % of its requests are refused or time out`;
}

/** What it costs, and what violated SLOs cost; nothing where no price is known. */
export function costSentences(cost: CostBreakdown | undefined): readonly string[] {
  if (cost === undefined) return [];
  const { usdPerHour, usdPerMillionInferences, penaltyUsdPerHour } = cost;
  const each = Number.isFinite(usdPerMillionInferences)
    ? `, $${formatUsd(usdPerMillionInferences)} per million inferences`
    : ', and nothing was inferred for it';
  return [
    ...(usdPerHour > 0 ? [`It costs $${formatUsd(usdPerHour)} per hour${each}${unpricedText(cost)}.`] : []),
    ...(penaltyUsdPerHour > 0 ? [`SLO penalties: $${formatUsd(penaltyUsdPerHour)} per hour.`] : []),
  ];
}

function unpricedText({ machines }: CostBreakdown): string {
  const names = machines.filter((machine) => !hasPrice(machine)).map(({ server }) => server);
  return names.length === 0 ? '' : `, without ${someOf(names)}, of which no price is known`;
}

/**
 * The tenants a short report shows: all if they are few, else the `limit` most in need of attention
 * (saturated, then SLO missed, then lowest attainment), ties in the order of the scenario.
 */
export function selectTenants(tenants: readonly TenantSummary[], limit: number): readonly TenantSummary[] {
  if (tenants.length <= limit) return tenants;
  const byConcern = tenants.map((tenant) => ({ tenant, of: concern(tenant) })).sort((a, b) => b.of - a.of);
  return byConcern.slice(0, limit).map(({ tenant }) => tenant);
}

function concern(tenant: TenantSummary): number {
  const shortfall = 1 - (tenant.slo?.attainment.value ?? 1);
  const missed = verdictOf(tenant) === 'missed' ? 2 : 0;
  return (isSaturated(tenant) ? 4 : 0) + missed + (Number.isFinite(shortfall) ? shortfall : 0);
}
