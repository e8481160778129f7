import { grouped } from '../base/grouped.js';
import type { EffectName } from '../effects/registry.js';
import type { Part } from './figures/split.js';
import type { MeasuredTenant } from './measured-tenant.js';
import { partLatency } from './part-latencies.js';
import { type CauseCode, CHANGES, type ScenarioChange } from './shown-causes.js';
import type { SlowRequests } from './slow-requests.js';
import { percentileOf, type TenantSummary } from './summary.js';

/** One thing to blame, in a sentence with its numbers. */
export interface Cause {
  readonly code: CauseCode;
  /** The model that is to blame, where it is one of several that a request is for. */
  readonly model?: string;
  readonly text: string;
  /**
   * Milliseconds of the slow requests it accounts for, or of the percentile that the counterfactual won, without what one of the
   * lesser changes in it wins alone; 0 where it is not time that is lost.
   */
  readonly costMs: number;
  /** Shown by running again without it, not only suggested by the split. */
  readonly confirmed: boolean;
}

/** What is known of the tenant's set-up; everything unknown is left out. */
export interface CauseFacts {
  /** Triton's `max_queue_delay_microseconds`; left out for a model without dynamic batching. */
  readonly maxQueueDelayUs?: number;
  /** The model has priority levels, a timeout or a queue limit, so that batches are formed late. */
  readonly lateBinding?: boolean;
  /** Share of the time in which the tenant's own executions keep its device busy, 0..1. */
  readonly ownBusyShare?: number;
  /** Share of the time in which others' executions are on the same device, 0..1. */
  readonly othersBusyShare?: number;
  /** Host cores in use over cores there are, 0..1. */
  readonly hostBusyShare?: number;
  /** Mean inference milliseconds of an execution of that many inferences alone on the device; left out where nothing runs beside it. */
  readonly soloInferMs?: (batchSize: number) => number;
}

/** The same load run again with one thing changed. */
export interface Counterfactual {
  readonly change: ScenarioChange | EffectName;
  /** The model that was changed, where it is one of several that a request is for. */
  readonly model?: string;
  readonly before: TenantSummary;
  readonly after: TenantSummary;
}

/** A counterfactual that changes the percentile by less is no explanation. */
const NOTICEABLE_GAIN = 0.03;
const NOTICEABLE_SHARE = 0.1;
const NOTICEABLE_SLOWDOWN = 1.05;
/** Who queues for no longer than the batcher's delay, but for what threads take to wake, waits for that. */
const DELAY_WITH_WAKING = 1.2;
/** Copies wait for cores of a host that is busier than this. */
const BUSY_HOST = 0.7;
/** Losing this share of the requests is a cause of its own. */
const NOTICEABLE_LOSS = 0.01;

export interface CauseEvidence {
  readonly tenant: MeasuredTenant;
  readonly slow: SlowRequests | undefined;
  readonly facts: CauseFacts;
  readonly counterfactuals: readonly Counterfactual[];
}

/**
 * Lost requests, where they alone miss the SLO; confirmed causes by what they cost; then those that the split suggests and
 * nothing has confirmed, and losses that an SLO allows.
 */
export function findCauses({ tenant, slow, facts, counterfactuals }: CauseEvidence): Cause[] {
  const confirmed = confirmAll(counterfactuals, missedLatency(tenant, counterfactuals[0]?.before));
  const tested = new Set<CauseCode>(counterfactuals.map(({ change }) => CHANGES.get(change)!.code));
  if (slow === undefined) return confirmed;
  const found = [...confirmed, ...suggest(slow, facts).filter(({ code }) => !tested.has(code))];
  const allowedPercent = 100 - (tenant.slo?.percentile ?? 99);
  return 100 * lostShare(slow) > allowedPercent ? [...lost(slow), ...found] : [...found, ...lost(slow)];
}

/** A percentile that causes are sought of. */
interface AskedLatency {
  readonly name: string;
  readonly msOf: (summary: TenantSummary) => number;
}

/** That of requests; of a stream that of its responses, where only their limit is missed. */
function missedLatency({ slo }: MeasuredTenant, before: TenantSummary | undefined): AskedLatency {
  const percentile = slo?.percentile ?? 99;
  const whole = {
    name: `p${percentile}`,
    msOf: (summary: TenantSummary) => percentileMs(summary, percentile),
  };
  if (slo === undefined || before === undefined || whole.msOf(before) > slo.limitMs) return whole;
  const { firstResponseMs: first = Infinity, betweenResponsesMs: between = Infinity } = slo;
  const limits = [
    ['firstResponse', 'to the first response', first],
    ['betweenResponses', 'between responses', between],
  ] as const;
  const missed = limits
    .map(([part, words, limitMs]) => ({
      name: `p${percentile} ${words}`,
      limitMs,
      msOf: (summary: TenantSummary) => {
        const latencyMs = partLatency(summary, part);
        return latencyMs === undefined ? Number.NaN : percentileMs({ latencyMs }, percentile);
      },
    }))
    .find(({ msOf, limitMs }) => msOf(before) > limitMs);
  return missed ?? whole;
}

function confirmAll(counterfactuals: readonly Counterfactual[], asked: AskedLatency): Cause[] {
  const afterMs = ({ after }: Counterfactual) => asked.msOf(after);
  const ownMs = (counterfactual: Counterfactual) => {
    const parts = counterfactuals.filter(({ change }) =>
      CHANGES.get(counterfactual.change)!.shownBy?.includes(change),
    );
    const withoutMs = Math.min(asked.msOf(counterfactual.before), ...parts.map(afterMs));
    return withoutMs - afterMs(counterfactual);
  };
  return counterfactuals
    .map((counterfactual) => confirm(counterfactual, asked, ownMs(counterfactual)))
    .filter((cause) => cause !== undefined)
    .sort((a, b) => b.costMs - a.costMs);
}

function confirm(
  { change, model, before, after }: Counterfactual,
  { name, msOf }: AskedLatency,
  costMs: number,
): Cause | undefined {
  const [beforeMs, afterMs] = [msOf(before), msOf(after)];
  if (!(costMs > NOTICEABLE_GAIN * beforeMs)) return undefined;
  const { code, text } = CHANGES.get(change)!;
  return {
    code,
    ...(model !== undefined && { model }),
    text: `${model === undefined ? '' : `"${model}": `}${text}, ${name} would be ${ms(afterMs)} instead of ${ms(beforeMs)}.`,
    costMs,
    confirmed: true,
  };
}

function percentileMs(summary: Pick<TenantSummary, 'latencyMs'>, percentile: number): number {
  return percentileOf(summary, percentile)?.value ?? Number.NaN;
}

function suggest(slow: SlowRequests, facts: CauseFacts): Cause[] {
  return slow.parts
    .filter(({ share, extraMs }) => extraMs > 0 && share >= NOTICEABLE_SHARE)
    .flatMap(({ part, extraMs }) =>
      SUGGESTIONS[part](slow, facts).map((reason) => ({
        ...reason,
        text: `${reason.text} (${ms(extraMs)} more than in a typical request).`,
        costMs: extraMs,
        confirmed: false,
      })),
    );
}

type Reason = Pick<Cause, 'code' | 'text'>;

/** What it may mean that slow requests lose their time in a part. */
const SUGGESTIONS: Record<Part, (slow: SlowRequests, facts: CauseFacts) => Reason[]> = {
  client: () => [
    { code: 'client-cap', text: 'slow requests wait at the client under its cap on requests in flight' },
  ],
  network: () => [{ code: 'network', text: 'slow requests spend their time on the network' }],
  frontEnd: () => [{ code: 'front-end', text: 'slow requests wait for a front-end thread of the server' }],
  queue: suggestForQueue,
  input: (_, facts) => suggestForCopies('input', facts),
  infer: suggestForInference,
  output: (_, facts) => suggestForCopies('output', facts),
  response: () => [
    { code: 'response', text: 'slow requests wait while responses of their batch are sent one by one' },
  ],
};

function suggestForQueue(slow: SlowRequests, facts: CauseFacts): Reason[] {
  const delayMs = (facts.maxQueueDelayUs ?? 0) / 1000;
  const reasons: Reason[] = [];
  if (delayMs > 0 && slow.slow.splitMs.queue <= DELAY_WITH_WAKING * delayMs) {
    return [{ code: 'batching-delay', text: `slow requests wait out the batcher's delay of ${ms(delayMs)}` }];
  }
  const own = facts.ownBusyShare;
  const others = facts.othersBusyShare ?? 0;
  if (own !== undefined && others > own) {
    const text = `slow requests queue while other tenants keep the device busy ${percent(others)} of the time`;
    reasons.push({ code: 'co-runners', text });
  } else {
    const busy = own === undefined ? '' : `, which keep the device busy ${percent(own)} of the time`;
    reasons.push({ code: 'own-load', text: `slow requests queue behind others of the same tenant${busy}` });
  }
  if (delayMs > 0 && facts.lateBinding !== true) {
    const text =
      'batches are committed early, since the model has no queue limit, timeout or priority levels';
    reasons.push({ code: 'early-commitment', text });
  }
  return reasons;
}

function suggestForInference({ slow, typical }: SlowRequests, facts: CauseFacts): Reason[] {
  if (slow.executions > NOTICEABLE_SLOWDOWN * typical.executions) {
    const counts = `${slow.executions.toFixed(1)} against ${typical.executions.toFixed(1)}`;
    return [{ code: 'more-executions', text: `slow requests take more executions: ${counts}` }];
  }
  // What one execution takes alone says nothing of several, or of a mean over some without any.
  const isOne = slow.executions === 1;
  const slowdown =
    isOne && facts.soloInferMs !== undefined && slow.splitMs.infer / facts.soloInferMs(slow.executedBatch);
  if (slowdown !== false && slowdown > NOTICEABLE_SLOWDOWN) {
    const text = `their executions take ${slowdown.toFixed(2)} times as long as alone on the device`;
    return [{ code: 'co-runners', text }];
  }
  if (slow.executedBatch > NOTICEABLE_SLOWDOWN * typical.executedBatch) {
    const sizes = `${slow.executedBatch.toFixed(1)} inferences against ${typical.executedBatch.toFixed(1)}`;
    return [{ code: 'large-batches', text: `slow requests are part of larger executions: ${sizes}` }];
  }
  return [{ code: 'compute', text: 'the inference of slow requests itself takes longer' }];
}

function suggestForCopies(part: 'input' | 'output', { hostBusyShare }: CauseFacts): Reason[] {
  if (hostBusyShare !== undefined && hostBusyShare > BUSY_HOST) {
    const text = `copying their ${part} waits for host cores, which are busy ${percent(hostBusyShare)} of the time`;
    return [{ code: 'host-cpu', text }];
  }
  return [{ code: 'compute', text: `copying their ${part} takes longer` }];
}

function lostShare({ withoutResult, completed }: SlowRequests): number {
  return withoutResult / (withoutResult + completed);
}

function lost(slow: SlowRequests): Cause[] {
  if (lostShare(slow) <= NOTICEABLE_LOSS) return [];
  const { withoutResult, completed } = slow;
  const text = `${grouped(withoutResult)} requests had no result (refused, timed out, failed or unanswered); the split is of the ${grouped(completed)} others.`;
  return [{ code: 'lost-requests', text, costMs: 0, confirmed: true }];
}

function ms(value: number): string {
  return `${grouped(value < 1000 ? Number(value.toPrecision(3)) : Math.round(value))} ms`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
