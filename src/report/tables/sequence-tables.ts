import { type LatencySummary, percentileOf, type TenantSummary } from '../../metrics/summary.js';
import { latencyGrows } from '../answer.js';
import { formatCount, formatEstimate, formatNumber, formatSetting, UNKNOWN } from '../format.js';
import { type ColumnOf, type Table, tableOf } from './table.js';

// Of tenants for whom one latency does not tell all: their requests belong together, or have several responses each.

/** What whole sequences take, of the tenants that send some; no rows where none does. */
export function sequenceLatencyTable(tenants: readonly TenantSummary[]): Table {
  const rows = tenants.flatMap(({ sequences, ...tenant }) =>
    sequences === undefined
      ? []
      : [
          { tenant, sequences, name: 'to the first answer', latencyMs: sequences.firstAnswerMs },
          { tenant, sequences, name: 'to the last answer', latencyMs: sequences.lastAnswerMs },
        ],
  );
  return tableOf('Whole sequences', rows, [
    { header: 'tenant', align: 'left', cell: ({ tenant }) => tenant.tenant },
    { header: 'begun', cell: ({ sequences }) => formatCount(sequences.begun), dropRank: 2 },
    { header: 'answered', cell: ({ sequences }) => formatCount(sequences.answered) },
    { header: 'time', align: 'left', cell: ({ name }) => name },
    ...timeColumns<(typeof rows)[number]>(({ latencyMs }) => latencyMs),
  ]);
}

/** Percentiles of a time besides the latency. */
function timeColumns<Row extends { readonly tenant: TenantSummary }>(
  timeOf: (row: Row) => LatencySummary | undefined,
): ColumnOf<Row>[] {
  const estimateOf = (row: Row, percentile: number) => {
    const latencyMs = timeOf(row);
    return latencyMs && percentileOf({ latencyMs }, percentile);
  };
  return [50, 95, 99].map((percentile) => ({
    header: `p${percentile} ms`,
    cell: (row) => {
      const estimate = latencyGrows(row.tenant) ? undefined : estimateOf(row, percentile);
      return estimate === undefined ? UNKNOWN : formatEstimate(estimate);
    },
    ...(percentile === 95 && { dropRank: 1 }),
  }));
}

/** First and further responses of the tenants that get several for one request; no rows where none does. */
export function streamTable(tenants: readonly TenantSummary[]): Table {
  const rows = tenants
    .filter(({ stream }) => stream !== undefined)
    .flatMap((tenant) => STREAM_TIMES.map((time) => ({ tenant, ...time })));
  return tableOf('Streams of responses', rows, [
    { header: 'tenant', align: 'left', cell: ({ tenant }) => tenant.tenant },
    {
      header: 'responses',
      cell: ({ tenant: { stream } }) => formatNumber(stream?.meanResponses ?? Number.NaN),
    },
    { header: 'time', align: 'left', cell: ({ name }) => name },
    {
      header: 'limit ms',
      cell: ({ tenant: { slo }, key }) => (slo?.[key] === undefined ? 'none' : formatSetting(slo[key])),
    },
    ...timeColumns<(typeof rows)[number]>(({ tenant, key }) => tenant.stream?.[key]),
  ]);
}

const STREAM_TIMES = [
  { key: 'firstResponseMs', name: 'to the first' },
  { key: 'betweenResponsesMs', name: 'between two' },
] as const;
