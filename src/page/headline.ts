import { streamSloText } from '../metrics/stream-limits.js';
import { type Estimate, percentileOf, type TenantSummary } from '../metrics/summary.js';
import { isSaturated, latencyGrows, verdictOf } from '../report/answer.js';
import { formatNumber, formatPercent, formatSetting, formatUsd } from '../report/format.js';
import type { RunDoubt, RunReport } from '../report/run-report.js';
import type { Tone } from '../report/tables/table.js';

/** What a run comes to, as people take it away. */
export interface Headline {
  readonly sentence: string;
  readonly tone: Tone;
}

/** Who meets its SLO, at which latency of which interval, at what cost. */
export function headlineOf({ summary: { tenants }, cost, doubt, provenance }: RunReport): Headline {
  const withSlo = tenants.filter((tenant) => ['met', 'missed'].includes(verdictOf(tenant)));
  const missed = withSlo.filter((tenant) => verdictOf(tenant) === 'missed').length;
  const worst = [...tenants].sort((a, b) => concern(b) - concern(a))[0]!;
  const isBad = missed > 0 || tenants.some(isSaturated);
  const guesses = provenance.profileGuesses;
  const isOpen = guesses !== undefined || (!isBad && withSlo.some((tenant) => mayMiss(tenant, doubt)));
  const condition = isOpen ? ` if ${guesses ?? 'the profiles are right'}` : '';
  const price =
    cost !== undefined && cost.usdPerHour > 0 ? ` It costs $${formatUsd(cost.usdPerHour)} an hour.` : '';
  return {
    sentence: `${verdictText(tenants.length, withSlo.length, missed, condition)}${tailText(worst, doubt)}.${price}`,
    tone: isBad ? 'bad' : withSlo.length > 0 && !isOpen ? 'good' : 'plain',
  };
}

/** @param condition what the verdict rests on, where nothing tells how well a profile is known, or what is told leaves it open */
function verdictText(tenants: number, withSlo: number, missed: number, condition: string): string {
  if (withSlo === 0) return tenants === 1 ? '' : `Slowest of ${tenants} tenants: `;
  if (withSlo === 1) return `The SLO is ${missed === 0 ? 'met' : 'missed'}${condition}: `;
  if (missed === 0)
    return `${withSlo === 2 ? 'Both' : `All ${withSlo}`} SLOs are met${condition}. Closest to its limit: `;
  return `${missed} of ${withSlo} SLOs ${missed === 1 ? 'is' : 'are'} missed${condition}. Worst: `;
}

function tailText(tenant: TenantSummary, doubt: RunDoubt | undefined): string {
  const { tenant: name, slo, offeredPerS, throughputPerS, stability } = tenant;
  if (latencyGrows(tenant))
    return `${name} is ${stability}, ${formatNumber(offeredPerS)} requests/s come and ${formatNumber(throughputPerS.value)} are served`;
  const percentile = slo?.percentile ?? 99;
  const ms = percentileOf(tenant, percentile);
  if (ms === undefined || Number.isNaN(ms.value)) return `no request of ${name} was answered`;
  // Refused requests and late first responses miss the SLO, whatever the latency of the others.
  if (slo?.met === false && ms.value <= slo.limitMs)
    return `${name} answers only ${formatPercent(slo.attainment.value)} % of its requests within ${formatSetting(slo.limitMs)} ms${streamSloText(slo)}`;
  const limit = slo === undefined ? '' : ` of ${formatSetting(slo.limitMs)} ms allowed`;
  return `${name} has a p${percentile} of ${formatNumber(ms.value)} ms${limit} (${sureText(ms, rangeIn(doubt, name, percentile))})`;
}

/** From where to where: with what is not known of the profiles where that was simulated, else by the noise of the run alone. */
function sureText({ low, high }: Estimate, open: OpenRange | undefined): string {
  if (open !== undefined && Number.isFinite(open.low))
    return open.high === null
      ? `${formatNumber(open.low)} ms or more, without end, within the error of the profiles`
      : `${formatNumber(open.low)} to ${formatNumber(open.high)} ms within the error of the profiles`;
  return [low, high].every(Number.isFinite)
    ? `95 % sure: ${formatNumber(low)} to ${formatNumber(high)}`
    : 'the run is too short to say how sure';
}

function mayMiss({ tenant, slo }: TenantSummary, doubt: RunDoubt | undefined): boolean {
  if (doubt?.models.some(({ error }) => error === null)) return true;
  const open = rangeIn(doubt, tenant, slo!.percentile);
  return open !== undefined && (open.high === null || open.high > slo!.limitMs);
}

type OpenRange = RunDoubt['tenants'][number]['percentilesMs'][number];

function rangeIn(doubt: RunDoubt | undefined, name: string, percentile: number): OpenRange | undefined {
  const own = doubt?.tenants.find(({ tenant }) => tenant === name)?.percentilesMs;
  return own?.find((each) => each.percentile === percentile);
}

/** Not kept up with before missed, missed before met; then how much of the limit is used, or without one how slow it is. */
function concern(tenant: TenantSummary): number {
  const ms = percentileOf(tenant, tenant.slo?.percentile ?? 99)?.value ?? 0;
  const used = tenant.slo === undefined ? Math.min(ms / 1e12, 1e-3) : Math.min(ms / tenant.slo.limitMs, 1e3);
  return (latencyGrows(tenant) ? 1e5 : 0) + (verdictOf(tenant) === 'missed' ? 1e4 : 0) + (used || 0);
}
