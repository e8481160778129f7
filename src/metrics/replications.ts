import { given } from '../base/given.js';
import { InputError } from '../base/problem.js';
import type { Warning } from '../base/warning.js';
import { addCounts, known, meanOf, sumOf } from './combine.js';
import { combineDevices, combineHosts, combineModels } from './combined-resources.js';
import { PARTS } from './figures/split.js';
import { SEVERITY } from './figures/stability.js';
import type { StepSummary } from './figures/steps.js';
import { replicationEstimate, unknownInterval } from './statistics/intervals.js';
import { pooledPercentiles, type ReplicatedLatency } from './statistics/pooled-percentiles.js';
import { scoreInterval, trialsOf } from './statistics/score-interval.js';
import type { SummaryWithLatencies } from './summarize.js';
import {
  type Estimate,
  isMet,
  type LatencySummary,
  type SequenceSummary,
  type SloSummary,
  type Split,
  type Stability,
  type StreamSummary,
  type Summary,
  type TenantSummary,
} from './summary.js';

/**
 * One summary of several independent replications as {@link summarizeRuns} makes it, but with the percentiles of all their
 * requests together (see `pooledPercentiles`).
 *
 * @throws InputError as that does
 */
export function summarizeReplications(runs: readonly SummaryWithLatencies[]): Summary {
  const combined = summarizeRuns(runs.map(({ summary }) => summary));
  if (runs.length === 1) return combined;
  const tenants = combined.tenants.map((tenant, i) =>
    withPercentiles(
      tenant,
      runs.map(({ summary, tenantLatenciesUs }) => ({
        summary: summary.tenants[i]!.latencyMs,
        latenciesUs: tenantLatenciesUs[i]!,
      })),
    ),
  );
  const total = withPercentiles(
    combined.total,
    runs.map(({ summary, totalLatenciesUs }) => ({
      summary: summary.total.latencyMs,
      latenciesUs: totalLatenciesUs,
    })),
  );
  return { ...combined, tenants, total };
}

function withPercentiles(tenant: TenantSummary, runs: readonly ReplicatedLatency[]): TenantSummary {
  return { ...tenant, latencyMs: { ...tenant.latencyMs, percentiles: pooledPercentiles(runs) } };
}

/**
 * One summary of several independent replications (the same scenario under other seeds). Estimates are
 * means over the replications with Student's t interval between them; a percentile is the mean of the
 * replications' percentiles, all that summaries alone can tell. Counts, executions and seconds measured are sums, `max` is the largest,
 * other figures are means. An SLO is met if the mean attainment reaches it; the verdict on stability is
 * the worst that at least half of the replications share.
 *
 * @throws InputError when there is no summary, or they do not have the same tenants,
 * devices, hosts and models.
 */
export function summarizeRuns(summaries: readonly Summary[]): Summary {
  const [first] = summaries;
  if (first === undefined) throw InputError.of('there is no run to summarise');
  if (summaries.length === 1) return first;
  if (summaries.some((summary) => shapeOf(summary) !== shapeOf(first))) {
    throw InputError.of(
      'the runs differ in tenants, devices, hosts or models',
      'summarise runs of one scenario',
    );
  }
  const tenants = first.tenants.map((_, i) =>
    combineTenants(summaries.map((summary) => summary.tenants[i]!)),
  );
  return {
    scenario: first.scenario,
    seed: summaries.map(({ seed }) => seed).join(', '),
    runs: sumOf(summaries, ({ runs }) => runs),
    measuredS: sumOf(summaries, ({ measuredS }) => measuredS),
    warmUpS: first.warmUpS,
    tenants,
    total: combineTenants(summaries.map(({ total }) => total)),
    devices: first.devices.map((_, i) => combineDevices(summaries.map(({ devices }) => devices[i]!))),
    hosts: first.hosts.map((_, i) => combineHosts(summaries.map(({ hosts }) => hosts[i]!))),
    models: first.models.map((_, i) => combineModels(summaries.map(({ models }) => models[i]!))),
    warnings: combineWarnings(summaries, tenants),
  };
}

/** The names that must be the same, in the same order, for figures to belong together. */
function shapeOf({ tenants, devices, hosts, models }: Summary): string {
  return JSON.stringify([
    tenants.map(({ tenant }) => tenant),
    devices.map(({ server, device, timeline }) => [server, device, timeline.length]),
    hosts.map(({ server }) => server),
    models.map(({ server, model }) => [server, model]),
  ]);
}

function combineTenants(runs: readonly TenantSummary[]): TenantSummary {
  const first = runs[0]!;
  const steps = combineSteps(runs.map((run) => run.steps ?? []));
  return {
    tenant: first.tenant,
    counts: addCounts(runs.map(({ counts }) => counts)),
    offeredPerS: meanOf(runs, (run) => run.offeredPerS),
    throughputPerS: combineEstimates(runs.map((run) => run.throughputPerS)),
    inferencesPerS: combineEstimates(runs.map((run) => run.inferencesPerS)),
    goodputPerS: combineEstimates(runs.map((run) => run.goodputPerS)),
    latencyMs: combineLatencies(runs.map((run) => run.latencyMs)),
    splitMs: combineSplits(runs.map((run) => run.splitMs)),
    executedBatch: meanOf(runs, (run) => run.executedBatch),
    ...(steps.length > 0 && { steps }),
    ...given({
      slo: combineSlos(runs.flatMap((run) => run.slo ?? [])),
      stream: combineStreams(runs.flatMap((run) => run.stream ?? [])),
      sequences: combineSequenceLatencies(runs.flatMap((run) => run.sequences ?? [])),
    }),
    stability: sharedVerdict(runs.map((run) => run.stability)),
  };
}

function combineEstimates(estimates: readonly Estimate[]): Estimate {
  return replicationEstimate(known(estimates.map(({ value }) => value)));
}

function combineLatencies(runs: readonly LatencySummary[]): LatencySummary {
  return {
    mean: combineEstimates(runs.map((run) => run.mean)),
    max: known(runs.map((run) => run.max)).sort((a, b) => b - a)[0] ?? Number.NaN,
    percentiles: runs[0]!.percentiles.map(({ percentile }, i) => ({
      percentile,
      ms: combineEstimates(runs.map((run) => run.percentiles[i]!.ms)),
    })),
  };
}

function combineSplits(runs: readonly Split[]): Split {
  const entries = PARTS.map((part) => [part, meanOf(runs, (run) => run[part])]);
  return Object.fromEntries(entries) as Split;
}

function combineSlos(runs: readonly SloSummary[]): SloSummary | undefined {
  const [first] = runs;
  if (first === undefined) return undefined;
  const attainment = combineShares(runs.map((run) => run.attainment));
  return { ...first, attainment, met: isMet(first, attainment) };
}

/** A model that some run never called counts as nothing there. */
function combineSteps(runs: readonly (readonly StepSummary[])[]): StepSummary[] {
  const models = [...new Set(runs.flatMap((steps) => steps.map(({ model }) => model)))];
  const meanOver = (model: string, key: Exclude<keyof StepSummary, 'model'>) =>
    meanOf(runs, (steps) => steps.find((step) => step.model === model)?.[key] ?? 0);
  return models.map((model) => {
    const streamMs = meanOver(model, 'streamMs');
    return {
      model,
      callsPerRequest: meanOver(model, 'callsPerRequest'),
      queueMs: meanOver(model, 'queueMs'),
      executionMs: meanOver(model, 'executionMs'),
      ...(streamMs > 0 && { streamMs }),
    };
  });
}

function combineStreams(runs: readonly StreamSummary[]): StreamSummary | undefined {
  if (runs.length === 0) return undefined;
  return {
    requests: sumOf(runs, (run) => run.requests),
    meanResponses: meanOf(runs, (run) => run.meanResponses),
    firstResponseMs: combineLatencies(runs.map((run) => run.firstResponseMs)),
    betweenResponsesMs: combineLatencies(runs.map((run) => run.betweenResponsesMs)),
  };
}

function combineSequenceLatencies(runs: readonly SequenceSummary[]): SequenceSummary | undefined {
  if (runs.length === 0) return undefined;
  return {
    begun: sumOf(runs, (run) => run.begun),
    answered: sumOf(runs, (run) => run.answered),
    firstAnswerMs: combineLatencies(runs.map((run) => run.firstAnswerMs)),
    lastAnswerMs: combineLatencies(runs.map((run) => run.lastAnswerMs)),
  };
}

/**
 * The mean share with Wilson's interval for the trials that the spread between the runs speaks for, but not for more than all
 * runs have together by their own intervals: runs that happen to agree, such as those without a single miss, are not more certain.
 */
function combineShares(runs: readonly Estimate[]): Estimate {
  const shares = runs.filter(({ value }) => !Number.isNaN(value));
  const { value, high } = combineEstimates(shares);
  // As many trials as would give the half width of Student's interval between the runs; Infinity where they agree.
  const between = value === high ? Number.POSITIVE_INFINITY : (value * (1 - value)) / (high - value) ** 2;
  const within = sumOf(shares, trialsOf);
  const trials = Number.isNaN(within) ? between : Math.min(between, within);
  return Number.isFinite(trials) ? scoreInterval(value, trials) : unknownInterval(value);
}

/** The worst verdict that at least half of the runs share. */
export function sharedVerdict(verdicts: readonly Stability[]): Stability {
  const severities = verdicts.map((verdict) => SEVERITY.indexOf(verdict)).sort((a, b) => b - a);
  return SEVERITY[severities[Math.ceil(severities.length / 2) - 1]!]!;
}

/**
 * Each different warning of a code and subject once, in its first wording. That a single run is too
 * short for an interval no longer matters, since the intervals are between the runs.
 */
function combineWarnings(summaries: readonly Summary[], tenants: readonly TenantSummary[]): Warning[] {
  const measured = new Set(tenants.filter(({ counts }) => counts.completed > 0).map(({ tenant }) => tenant));
  const found = new Map<string, Warning>();
  for (const warning of summaries.flatMap((summary) => summary.warnings)) {
    if (warning.code === 'short-run' && measured.has(warning.subject)) continue;
    const key = `${warning.code}\n${warning.subject}`;
    if (!found.has(key)) found.set(key, warning);
  }
  return [...found.values()];
}
