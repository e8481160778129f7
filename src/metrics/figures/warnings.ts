import type { Warning } from '../../base/warning.js';
import { percentileOf, type TenantSummary } from '../summary.js';
import type { StabilityVerdict } from './stability.js';
import { remainingTransient } from './warm-up.js';

/** A tenant's summary, and what it was made of that warnings need. */
export interface JudgedTenant {
  readonly summary: TenantSummary;
  /** Latencies in microseconds, in order of time, of the requests that were planned in the window and completed; or means of equal parts. */
  readonly courseUs: Float64Array;
  /** Requests left out of the attainment because they were neither answered nor late at the end. */
  readonly open: number;
  readonly stability: StabilityVerdict;
}

/** More requests left out of the attainment than this share of the offered ones are worth a word. */
const OPEN_SHARE = 0.01;

/** What a reader must know before trusting the tenant's figures. */
export function warningsOf(tenant: JudgedTenant, endUs: number, fromUs: number): Warning[] {
  const found = [stabilityWarning(tenant), openWarning(tenant), shortRunWarning(tenant)];
  const warmUp = tenant.stability.verdict === 'stable' ? warmUpWarning(tenant, endUs, fromUs) : undefined;
  return [...found, warmUp].filter((warning) => warning !== undefined);
}

function stabilityWarning({ summary, stability }: JudgedTenant): Warning | undefined {
  if (stability.verdict === 'stable') return undefined;
  const consequence =
    stability.verdict === 'overloaded'
      ? 'its latency depends on how long the run is'
      : 'its latency is not settled';
  return {
    code: stability.verdict,
    subject: summary.tenant,
    message: `${summary.tenant} is ${stability.verdict}: ${stability.reason}; ${consequence}.`,
  };
}

function openWarning({ summary, open }: JudgedTenant): Warning | undefined {
  if (summary.slo === undefined || open <= OPEN_SHARE * summary.counts.offered) return undefined;
  return {
    code: 'unserved-at-end',
    subject: summary.tenant,
    message: `${open} of ${summary.counts.offered} requests of ${summary.tenant} were unanswered but not yet late at the end of the run; they are left out of its SLO attainment.`,
  };
}

/** The percentile that matters has no interval. */
function shortRunWarning({ summary }: JudgedTenant): Warning | undefined {
  const percentile = summary.slo?.percentile ?? 99;
  const estimate = percentileOf(summary, percentile)!;
  if (!Number.isNaN(estimate.low)) return undefined;
  const message =
    summary.counts.offered === 0
      ? `no request of ${summary.tenant} was planned between the warm-up and the end of the run.`
      : `${summary.counts.completed} requests of ${summary.tenant} say no more than a few independent ones: they are few, come in spells, or the run changes on its way, as when a server is lost. Its p${percentile} has no interval${summary.slo === undefined ? '' : ', and that of its share within the limit is wide'}.`;
  return { code: 'short-run', subject: summary.tenant, message };
}

function warmUpWarning(tenant: JudgedTenant, endUs: number, fromUs: number): Warning | undefined {
  const cut = remainingTransient(tenant.courseUs);
  if (cut === 0) return undefined;
  const share = cut / tenant.courseUs.length;
  const suggestedS = (fromUs + share * (endUs - fromUs)) / 1e6;
  return {
    code: 'warm-up-uncertain',
    subject: tenant.summary.tenant,
    message: `the latency of ${tenant.summary.tenant} still settles after the warm-up of ${round(fromUs / 1e6)} s; MSER-5 would cut about ${round(suggestedS)} s.`,
  };
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}
