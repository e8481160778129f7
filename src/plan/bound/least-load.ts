import { countBefore } from '../../base/count-before.js';
import type { Trace } from '../../trace/trace.js';
import type { RequestSize } from '../host-side.js';
import type { Day, PlanProblem, Workload } from '../problem-setting.js';
import type { PlanTenantSpec } from '../spec.js';
import { percentileWithoutSlo } from '../verdict.js';

/**
 * - `run`: what must be done within the run that is simulated, so that no placement that keeps its
 *   SLOs there does with less. Requests whose limit ends after the run may be left undone.
 * - `sustained`: what must be done if the run goes on and on.
 */
export type LoadScope = 'run' | 'sustained';

/** What must be done of a model's load on one day. */
export interface LeastLoad<Tenant extends TenantCount = TenantLoad> {
  readonly tenants: readonly Tenant[];
  readonly seconds: number;
}

/** How much of a tenant's load counts. */
export interface TenantCount {
  /** Index into the tenants of the plan. */
  readonly tenant: number;
  readonly requests: number;
  /** How many of them may be late or lost. */
  readonly leftOut: number;
  /** Inferences in the smallest of them. */
  readonly smallest: number;
  /** Whether the trace says how many bytes each has. */
  readonly bytesVary: boolean;
}

export interface TenantLoad extends TenantCount {
  /** Infinity without an SLO: any time within the run. */
  readonly limitMs: number;
  /** Planned arrivals of the requests that count, ascending. */
  readonly arrivalsUs: Float64Array;
  /**
   * Requests that are executed, in time or not. A run may end before those that may be late; what goes on and on
   * leaves none behind: plans serve without queue policies, by which Triton would refuse some.
   */
  readonly executed: number;
  /** Inferences in the smallest of so many requests, and their bytes where the trace says. */
  readonly inferences: number;
  readonly payloadBytes: number;
  /** Tokens of the shortest of so many prompts, and those of the shortest answers that come after their first. */
  readonly promptTokens: number;
  readonly decodeTokens: number;
  /** The most that one has of them. */
  readonly mostTokens: number;
}

export function leastLoads(
  problem: Pick<PlanProblem, 'days' | 'spec' | 'warmUpS'>,
  { tenants }: Pick<Workload, 'tenants'>,
  scope: LoadScope,
): LeastLoad[] {
  const { days, spec, warmUpS } = problem;
  const seconds = scope === 'run' ? spec.durationS - warmUpS : spec.durationS;
  return days.map((day) => ({ tenants: tenants.map((t) => tenantLoad(problem, day, t, scope)), seconds }));
}

/** The counts alone, without the arrivals. */
export function countsOf({ tenants, seconds }: LeastLoad): LeastLoad<TenantCount> {
  return {
    tenants: tenants.map(({ tenant, requests, leftOut, smallest, bytesVary }) => ({
      tenant,
      requests,
      leftOut,
      smallest,
      bytesVary,
    })),
    seconds,
  };
}

/** A share such as 0.01 is no exact number. */
const ROUNDING = 1e-6;

function tenantLoad(
  { spec, warmUpS }: Pick<PlanProblem, 'spec' | 'warmUpS'>,
  day: Day,
  t: number,
  scope: LoadScope,
): TenantLoad {
  const tenant = spec.tenants[t]!;
  const trace = day.traces[t]!;
  const isRun = scope === 'run';
  const withoutSlo = isRun ? percentileWithoutSlo(spec.durationS - warmUpS) : 100;
  const { percentile = withoutSlo, limitMs = Infinity } = tenant.slo ?? {};
  const from = isRun ? countBefore(trace.arrivalUs, warmUpS * 1e6) : 0;
  // Without a limit every request must be answered by the end.
  const untilUs = isRun && limitMs < Infinity ? spec.durationS * 1e6 - limitMs * 1000 : Infinity;
  const to = Math.max(from, countBefore(trace.arrivalUs, untilUs));
  const late = Math.floor((1 - percentile / 100) * (trace.arrivalUs.length - from) + ROUNDING);
  const leftOut = Math.min(late, to - from);
  const executed = isRun ? to - from - leftOut : to - from;
  return {
    tenant: t,
    requests: to - from,
    leftOut,
    limitMs,
    arrivalsUs: trace.arrivalUs.subarray(from, to),
    executed,
    ...leastContent(trace, tenant, { from, to, executed }),
  };
}

/** The largest requests are taken to be those that are not executed. */
function leastContent(
  { batchSize, payloadBytes, promptTokens, outputTokens }: Trace,
  tenant: PlanTenantSpec,
  { from, to, executed }: { readonly from: number; readonly to: number; readonly executed: number },
): Omit<TenantLoad, 'tenant' | 'requests' | 'leftOut' | 'limitMs' | 'arrivalsUs' | 'executed'> {
  const size = inferencesPerRequest(tenant);
  const sizes = batchSize?.slice(from, to).sort();
  const prompts = promptTokens?.slice(from, to).sort() ?? [];
  const answers = outputTokens?.slice(from, to).sort();
  const decodes = answers?.map((tokens) => tokens - 1) ?? [];
  const shortest = (tokens: Uint32Array | never[]) => sumOf(tokens.slice(0, executed));
  return {
    smallest: sizes?.[0] ?? size,
    inferences: sizes === undefined ? executed * size : sumOf(sizes.subarray(0, executed)),
    bytesVary: payloadBytes !== undefined,
    promptTokens: shortest(prompts),
    decodeTokens: shortest(decodes),
    mostTokens: Math.max(prompts.at(-1) ?? 0, decodes.at(-1) ?? 0),
    payloadBytes: sumOf(payloadBytes?.slice(from, to).sort().subarray(0, executed) ?? []),
  };
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** Inferences in a request where the trace does not say. */
export function inferencesPerRequest({ batchSize }: PlanTenantSpec): number {
  return typeof batchSize === 'number' ? batchSize : 1;
}

/** Bytes of one inference of a tenant and of its answer: what it says, else what the profiles do. */
export function bytesPerInference(
  { requestBytes, responseBytes }: PlanTenantSpec,
  payload: RequestSize,
): RequestSize {
  return {
    requestBytes: requestBytes ?? payload.requestBytes,
    responseBytes: responseBytes ?? payload.responseBytes,
  };
}

/** Bytes of a tenant's smallest request and of its answer. */
export function leastSize(
  { spec }: Pick<PlanProblem, 'spec'>,
  { payload }: Pick<Workload, 'payload'>,
  { tenant, smallest, bytesVary }: TenantCount,
): RequestSize {
  const { requestBytes, responseBytes } = bytesPerInference(spec.tenants[tenant]!, payload);
  return {
    requestBytes: bytesVary ? 0 : requestBytes * smallest,
    responseBytes: responseBytes * smallest,
  };
}
