import { executionsOf, meanExecutedBatch } from '../trace/calls.js';
import { Outcome, type RequestLog } from '../trace/request-log.js';
import { rowsOfTenant } from './figures/log-rows.js';
import { PARTS, type Part, SplitSum } from './figures/split.js';
import type { MeasuredTenant } from './measured-tenant.js';
import { limitUsOf } from './same-latency.js';
import { quantileOfSorted } from './statistics/quantiles.js';
import type { Split } from './summary.js';

/** Fewer misses than this say little; the slowest 1 % are looked at instead. */
const ENOUGH_MISSES = 10;
const SLOWEST_SHARE = 0.01;

/** What slow requests of a tenant spend their time on, against typical ones. */
export interface SlowRequests {
  /** Which requests are called slow, for people. */
  readonly rule: string;
  readonly slow: RequestGroup;
  /** The middle half by latency. */
  readonly typical: RequestGroup;
  /** Where the slow ones lose their time, most first; the extras add up to the gap between the means. */
  readonly parts: readonly PartDelay[];
  readonly completed: number;
  /** Requests refused, timed out, failed or unanswered, which have no split. */
  readonly withoutResult: number;
}

export interface RequestGroup {
  readonly requests: number;
  readonly splitMs: Split;
  /** Mean inferences of the executions they were part of; NaN where none was. */
  readonly executedBatch: number;
  /** Mean executions that worked on one: 1 but for models that call others and responses from a cache. */
  readonly executions: number;
}

export interface PartDelay {
  readonly part: Part;
  readonly typicalMs: number;
  readonly slowMs: number;
  readonly extraMs: number;
  /** Of the gap between slow and typical requests; negative where the slow ones are faster. */
  readonly share: number;
}

export interface TenantWindow {
  readonly log: RequestLog;
  readonly tenant: MeasuredTenant;
  readonly warmUpUs: number;
}

/**
 * Compares the requests that missed the tenant's limit (the slowest 1 % without an SLO or with fewer
 * than 10 misses) with typical ones. Undefined when no request of the tenant was completed.
 */
export function compareSlowRequests({ log, tenant, warmUpUs }: TenantWindow): SlowRequests | undefined {
  const countClient = tenant.latencyFrom !== 'sent';
  const latencyOf = (row: number) =>
    (log.endedUs[row]! - (countClient ? log.plannedUs : log.sentUs)[row]!) / 1000;
  const offered = rowsOfTenant(log, tenant.name, warmUpUs);
  const completed = offered.filter((row) => log.outcome[row] === Outcome.completed);
  if (completed.length === 0) return undefined;
  const sorted = Float64Array.from(completed, latencyOf).sort();
  const { rule, isSlow } = slowRule(sorted, tenant.slo?.limitMs);
  const [low, high] = [quantileOfSorted(sorted, 0.25), quantileOfSorted(sorted, 0.75)];
  const isTypical = (ms: number) => ms >= low && ms <= high;
  const group = (belongs: (ms: number) => boolean) =>
    measureGroup(
      log,
      completed.filter((row) => belongs(latencyOf(row))),
      countClient,
    );
  const [slow, typical] = [group(isSlow), group(isTypical)];
  const parts = rankParts(slow.splitMs, typical.splitMs);
  const withoutResult = offered.length - completed.length;
  return { rule, slow, typical, parts, completed: completed.length, withoutResult };
}

function slowRule(sorted: Float64Array, limitMs: number | undefined) {
  const untilMs = limitUsOf(limitMs ?? Number.NaN) / 1000;
  if (sorted.filter((ms) => ms > untilMs).length >= ENOUGH_MISSES) {
    return { rule: `later than the limit of ${limitMs} ms`, isSlow: (ms: number) => ms > untilMs };
  }
  const threshold = quantileOfSorted(sorted, 1 - SLOWEST_SHARE);
  return { rule: 'the slowest 1 %', isSlow: (ms: number) => ms >= threshold };
}

function measureGroup(log: RequestLog, rows: readonly number[], countClient: boolean): RequestGroup {
  const split = new SplitSum();
  let [executed, batchSum, executions] = [0, 0, 0];
  for (const row of rows) {
    split.add(log, row, countClient);
    const batch = meanExecutedBatch(log, row);
    if (batch > 0) executed++;
    batchSum += batch;
    executions += executionsOf(log, row);
  }
  return {
    requests: rows.length,
    splitMs: split.meanMs(),
    executedBatch: batchSum / executed,
    executions: executions / rows.length,
  };
}

function rankParts(slow: Split, typical: Split): PartDelay[] {
  const delays = PARTS.map((part) => ({
    part,
    typicalMs: typical[part],
    slowMs: slow[part],
    extraMs: slow[part] - typical[part],
  }));
  const gap = delays.reduce((sum, { extraMs }) => sum + extraMs, 0);
  return delays
    .map((delay) => ({ ...delay, share: gap === 0 ? 0 : delay.extraMs / gap }))
    .sort((a, b) => b.extraMs - a.extraMs);
}
