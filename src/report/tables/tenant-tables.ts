import { someOf } from '../../base/some-of.js';
import { PARTS, type Part } from '../../metrics/figures/split.js';
import type { StepSummary } from '../../metrics/figures/steps.js';
import {
  type Estimate,
  type ModelSummary,
  percentileOf,
  type Split,
  type TenantSummary,
} from '../../metrics/summary.js';
import { formatSlo, isSaturated, latencyGrows, verdictOf } from '../answer.js';
import { formatCount, formatEstimate, formatNumber, formatPercent, UNKNOWN } from '../format.js';
import type { TenantBound } from '../run-report.js';
import { type Cell, type ColumnOf, type Table, tableOf } from './table.js';

const UNKNOWN_ESTIMATE: Estimate = { value: Number.NaN, low: Number.NaN, high: Number.NaN };

const tenantColumn: ColumnOf<TenantSummary> = {
  header: 'tenant',
  align: 'left',
  cell: ({ tenant }) => tenant,
};

/**
 * The headline figures: SLO, verdict, throughput and the two latencies everyone asks for.
 * @param isGuess whether they rest on profiles that nobody filled in
 */
export function answerTable(tenants: readonly TenantSummary[], isGuess = false): Table {
  const columns: ColumnOf<TenantSummary>[] = [
    tenantColumn,
    { header: 'SLO', align: 'left', cell: (tenant) => ({ text: formatSlo(tenant) }) },
    { header: 'verdict', align: 'left', cell: (tenant) => verdictCell(tenant, isGuess) },
    { header: 'in limit %', cell: attainmentText, dropRank: 2 },
    { header: 'load', align: 'left', cell: stabilityCell },
    { header: 'completed /s', cell: ({ throughputPerS: { value } }) => formatNumber(value) },
    { header: 'p50 ms', cell: (tenant) => latencyCell(tenant, 50), dropRank: 3 },
    tailColumn(tenants),
  ];
  return tableOf('Answer', tenants, columns, unprovenNotes(tenants));
}

/** Whose SLO is met in the run, where its interval leaves open that it is missed. */
function unprovenNotes(tenants: readonly TenantSummary[]): string[] {
  const names = tenants
    .filter(({ slo }) => slo?.met === true && slo.attainment.low < slo.percentile / 100)
    .map(({ tenant }) => tenant);
  if (names.length === 0) return [];
  return [
    `Met, but not proven: ${someOf(names)}. The run has few independent parts, and the interval of in limit % reaches below the SLO; more --runs prove more.`,
  ];
}

/** The percentile of the SLOs where they agree on one (p99 without any), else each tenant's own. */
function tailColumn(tenants: readonly TenantSummary[]): ColumnOf<TenantSummary> {
  const asked = new Set(tenants.flatMap(({ slo }) => (slo === undefined ? [] : [slo.percentile])));
  const [common = 99] = asked;
  if (asked.size <= 1) return { header: `p${common} ms`, cell: (tenant) => latencyCell(tenant, common) };
  return {
    header: 'tail ms',
    cell: (tenant) => {
      // That of its SLO stands beside it.
      if (tenant.slo !== undefined) return latencyCell(tenant, tenant.slo.percentile);
      const { text } = latencyCell(tenant, 99);
      return text === UNKNOWN ? text : `p99 ${text}`;
    },
  };
}

/** Latency by percentile; its bound, where given, stands below a tenant. */
export function latencyTable(tenants: readonly TenantSummary[], bounds: readonly TenantBound[] = []): Table {
  const rows = tenants.flatMap((tenant): (TenantSummary | TenantBound)[] => [
    tenant,
    ...bounds.filter((bound) => bound.tenant === tenant.tenant),
  ]);
  const notes = bounds.length === 0 ? [] : ['With “unlimited devices” requests wait for the batcher only.'];
  return tableOf('Latency, from the planned arrival', rows, latencyColumns(), notes);
}

function latencyColumns(): ColumnOf<TenantSummary | TenantBound>[] {
  return [
    { header: 'tenant', align: 'left', cell: (row) => ('bound' in row ? boundName(row) : row.tenant) },
    { header: 'mean ms', cell: (row) => ('bound' in row ? '' : meanCell(row)), dropRank: 1 },
    { header: 'p50 ms', cell: (row) => ('bound' in row ? formatNumber(row.p50Ms) : latencyCell(row, 50)) },
    percentileColumn(75, 5),
    percentileColumn(90, 4),
    percentileColumn(95),
    { header: 'p99 ms', cell: (row) => ('bound' in row ? formatNumber(row.p99Ms) : latencyCell(row, 99)) },
    percentileColumn(99.9, 2),
    {
      header: 'max ms',
      cell: (row) => ('bound' in row || latencyGrows(row) ? '' : formatNumber(row.latencyMs.max)),
      dropRank: 3,
    },
  ];
}

function percentileColumn(percentile: number, dropRank?: number): ColumnOf<TenantSummary | TenantBound> {
  return {
    header: `p${percentile} ms`,
    cell: (row) => ('bound' in row ? '' : latencyCell(row, percentile)),
    ...(dropRank !== undefined && { dropRank }),
  };
}

function boundName({ bound }: TenantBound): Cell {
  return { text: `  ${bound}`, tone: 'quiet' };
}

interface UnansweredCount {
  readonly key: Exclude<keyof TenantSummary['counts'], 'offered' | 'completed'>;
  readonly name: string;
  readonly dropRank?: number;
}

/** The ends of requests that had no answer, with the words for people. */
export const UNANSWERED: readonly UnansweredCount[] = [
  { key: 'rejected', name: 'rejected' },
  { key: 'timedOut', name: 'timed out' },
  { key: 'failed', name: 'failed', dropRank: 1 },
  { key: 'inFlightAtEnd', name: 'in flight at end' },
];

/** How the requests of each tenant ended. */
export function outcomeTable(tenants: readonly TenantSummary[]): Table {
  return tableOf('Requests', tenants, [
    tenantColumn,
    { header: 'offered', cell: ({ counts }) => formatCount(counts.offered) },
    { header: 'completed', cell: ({ counts }) => formatCount(counts.completed) },
    ...UNANSWERED.map(
      ({ key, name, dropRank }): ColumnOf<TenantSummary> => ({
        header: name,
        cell: ({ counts }) => formatCount(counts[key]),
        ...(tenants.every(({ counts }) => counts[key] === 0)
          ? { dropRank: 4 }
          : dropRank !== undefined && { dropRank }),
      }),
    ),
    { header: 'completed /s', cell: ({ throughputPerS }) => formatEstimate(throughputPerS), dropRank: 3 },
    { header: 'goodput /s', cell: ({ goodputPerS }) => formatEstimate(goodputPerS) },
    { header: 'inferences /s', cell: ({ inferencesPerS }) => formatEstimate(inferencesPerS), dropRank: 2 },
  ]);
}

/** The stages of a request in their order, with the words for people. */
export const STAGES: readonly { readonly key: Part; readonly name: string }[] = PARTS.map((key) => ({
  key,
  name: key === 'frontEnd' ? 'front end' : key,
}));

/** A log holds times of executions to seven digits, and what is left of a latency is a difference of such times. */
const FLOAT_REST_MS = 1e-5;

/** The stages in which any of the tenants spent time; all others would be columns of zeros. */
export function usedStages(tenants: readonly TenantSummary[]): typeof STAGES {
  return STAGES.filter(({ key }) => tenants.some(({ splitMs }) => splitMs[key] > FLOAT_REST_MS));
}

/** Where a mean request spends its time. */
export function splitTable(tenants: readonly TenantSummary[]): Table {
  const stages = usedStages(tenants).map(
    ({ key, name }): ColumnOf<TenantSummary> => ({
      header: `${name} ms`,
      cell: (tenant) => stageCell(tenant, key),
    }),
  );
  return tableOf('Where the time goes, mean of a completed request', tenants, [
    tenantColumn,
    ...stages,
    { header: 'batch it is in', cell: ({ executedBatch }) => formatNumber(executedBatch), dropRank: 1 },
  ]);
}

/** Of decoupled models. */
const STREAM_COLUMN: ColumnOf<StepSummary> = {
  header: 'responses ms',
  cell: ({ streamMs = 0 }) => formatNumber(streamMs),
};

/** What each model costs the tenants whose requests are calls of several; no rows where none's are. */
export function stepTable(tenants: readonly TenantSummary[], models: readonly ModelSummary[]): Table {
  const rows = tenants.flatMap(({ tenant, steps = [] }) => steps.map((step) => ({ tenant, ...step })));
  return tableOf(
    'What a request waits for, step by step, mean of a completed one',
    rows,
    [
      { header: 'tenant', align: 'left', cell: ({ tenant }) => tenant },
      { header: 'model', align: 'left', cell: ({ model }) => model },
      { header: 'calls', cell: ({ callsPerRequest }) => formatNumber(callsPerRequest) },
      { header: 'queue ms', cell: ({ queueMs }) => formatNumber(queueMs) },
      { header: 'execution ms', cell: ({ executionMs }) => formatNumber(executionMs) },
      ...(rows.some(({ streamMs = 0 }) => streamMs > 0) ? [STREAM_COLUMN] : []),
    ],
    tenants.flatMap((tenant) => limitingStep(tenant, models)),
  );
}

/** Which of several steps there can be no more of first. An engine is busy with one request as with many: only waiting tells. */
function limitingStep({ tenant, steps = [] }: TenantSummary, models: readonly ModelSummary[]): string[] {
  const called = models.filter(({ model, kvCache }) => {
    const own = steps.find((step) => step.model === model);
    const waitsLongest = steps.every((step) => step === own || step.queueMs < (own?.queueMs ?? 0));
    return own !== undefined && (kvCache === undefined || waitsLongest);
  });
  const [busiest] = called.sort((a, b) => (b.busyShare ?? 0) - (a.busyShare ?? 0));
  // How busy an instance is whose executions overlap is not known: it may be the one.
  const isKnown = called.every(({ busyShare }) => busyShare !== undefined);
  if (steps.length < 2 || !isKnown || busiest?.busyShare === undefined) return [];
  const { model, busyShare, kvCache } = busiest;
  const why =
    kvCache === undefined
      ? `its instances are busy ${formatPercent(busyShare)} % of the time.`
      : 'requests wait the longest for it.';
  return [`${tenant}: ${model} limits throughput, ${why}`];
}

/** Waiting that grows with the run says nothing: the verdict stands there instead. */
function stageCell(tenant: TenantSummary, key: keyof Split): Cell {
  const waits = key === 'queue' || key === 'client';
  if (waits && latencyGrows(tenant)) return { text: tenant.stability, tone: 'bad' };
  const ms = tenant.splitMs[key];
  return { text: formatNumber(Math.abs(ms) < FLOAT_REST_MS ? 0 : ms) };
}

function verdictCell(tenant: TenantSummary, isGuess: boolean): Cell {
  const verdict = verdictOf(tenant);
  if (verdict === 'none' || verdict === 'unknown') return { text: UNKNOWN, tone: 'quiet' };
  if (verdict === 'missed') return { text: 'MISSED', tone: 'bad' };
  return { text: 'met', tone: isGuess ? 'plain' : 'good' };
}

function stabilityCell(tenant: TenantSummary): Cell {
  return isSaturated(tenant)
    ? { text: tenant.stability.toUpperCase(), tone: 'bad' }
    : { text: tenant.stability };
}

function attainmentText({ slo }: TenantSummary): string {
  if (slo === undefined) return UNKNOWN;
  const { value, low, high } = slo.attainment;
  // A share needs its digits near 1, which formatPercent keeps; only one with an interval has its own.
  return Number.isFinite(high - low) && high > low
    ? formatEstimate(slo.attainment, 100)
    : formatPercent(value);
}

/** Latency at a percentile; where it grows with the run there is none to tell. */
function latencyCell(tenant: TenantSummary, percentile: number): Cell {
  if (latencyGrows(tenant)) return { text: UNKNOWN, tone: 'quiet' };
  return { text: formatEstimate(percentileOf(tenant, percentile) ?? UNKNOWN_ESTIMATE) };
}

function meanCell(tenant: TenantSummary): Cell {
  if (latencyGrows(tenant)) return { text: tenant.stability, tone: 'bad' };
  return { text: formatEstimate(tenant.latencyMs.mean) };
}
