import { plural } from '../base/plural.js';
import {
  type ArrivalDescription,
  type TraceDescription,
  WINDOWS_US,
  type WindowDescription,
} from '../trace/describe.js';
import { type Trace, traceLength } from '../trace/trace.js';
import { formatCount, formatNumber, UNKNOWN } from './format.js';
import { type ColumnOf, type Table, tableOf } from './tables/table.js';
import { styleOf, type TextOptions } from './text/style.js';
import { textTable } from './text/text-table.js';
import { USUAL_WIDTH, wrap } from './text/width.js';

/** What a trace holds, in one line: `14,922 requests of 1 tenant over 3600 s (60 min), 4.15 per second`. */
export function traceToSentence(trace: Trace): string {
  const requests = traceLength(trace);
  const tenants = trace.tenants.length;
  const perSecond =
    trace.durationUs === 0 ? '' : `, ${formatNumber(requests / (trace.durationUs / 1e6))} per second`;
  return `${sizeText(requests, tenants)} over ${formatDuration(trace.durationUs)}${perSecond}`;
}

/**
 * The description of a trace for a terminal: how much there is and how bursty it is, by tenant (of
 * many, those with the most requests) and in total. Ends with a newline.
 */
export function traceDescriptionToText(
  description: TraceDescription,
  options: TextOptions & { readonly file: string },
): string {
  const { width = USUAL_WIDTH } = options;
  const style = styleOf(options);
  const rows = shownRows(description);
  const hidden = description.tenants.length - MOST_ROWS;
  const notes = hidden <= 0 ? [] : [`Shown are the ${MOST_ROWS} busiest tenants; --json has ${hidden} more.`];
  const blocks = [
    [
      ...wrap(`${options.file}: ${descriptionToSentence(description)}`, width, '  ').map((line) =>
        style(line, 'heading'),
      ),
      ...(description.source === undefined ? [] : wrap(`source: ${description.source}`, width, '  ')),
    ],
    textTable(arrivalTable(rows, notes), width, style),
    textTable(burstinessTable(rows), width, style),
  ];
  return blocks.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

const MOST_ROWS = 20;

type Row = ArrivalDescription & { readonly tenant: string };

function shownRows({ tenants, total }: TraceDescription): readonly Row[] {
  if (tenants.length === 1) return tenants;
  const shown = new Set([...tenants].sort((a, b) => b.requests - a.requests).slice(0, MOST_ROWS));
  return [...tenants.filter((tenant) => shown.has(tenant)), { tenant: 'all tenants', ...total }];
}

function descriptionToSentence({ tenants, total, durationUs }: TraceDescription): string {
  return `${sizeText(total.requests, tenants.length)} over ${formatDuration(durationUs)}`;
}

function sizeText(requests: number, tenants: number): string {
  return `${formatCount(requests)} ${plural(requests, 'request')} of ${formatCount(tenants)} ${plural(tenants, 'tenant')}`;
}

const tenantColumn: ColumnOf<Row> = { header: 'tenant', align: 'left', cell: ({ tenant }) => tenant };

function arrivalTable(rows: readonly Row[], notes: readonly string[]): Table {
  return tableOf(
    'Arrivals',
    rows,
    [
      tenantColumn,
      { header: 'requests', cell: ({ requests }) => formatCount(requests) },
      ...(rows.every(({ requests, inferences }) => requests === inferences)
        ? []
        : [{ header: 'inferences', cell: ({ inferences }: Row) => formatCount(inferences), dropRank: 1 }]),
      { header: 'mean /s', cell: ({ ratePerS }) => formatKnown(ratePerS) },
      { header: 'most in 1 s', cell: ({ peakPerS }) => formatCount(peakPerS) },
      { header: 'batch sizes', align: 'left', cell: formatBatchSizes },
    ],
    notes,
  );
}

function burstinessTable(rows: readonly Row[]): Table {
  return tableOf(
    'Burstiness',
    rows,
    [
      tenantColumn,
      { header: 'mean gap ms', cell: ({ gaps }) => formatMs(gaps?.meanUs) },
      { header: 'CV', cell: ({ gaps }) => formatKnown(gaps?.cv) },
      { header: 'p50 ms', cell: ({ gaps }) => formatMs(gaps?.p50Us), dropRank: 3 },
      { header: 'p99 ms', cell: ({ gaps }) => formatMs(gaps?.p99Us), dropRank: 2 },
      { header: 'max ms', cell: ({ gaps }) => formatMs(gaps?.maxUs), dropRank: 4 },
      ...WINDOWS_US.map(
        (windowUs): ColumnOf<Row> => ({
          header: `dispersion ${windowUs / 1e6} s`,
          cell: (row) => formatKnown(windowOf(row, windowUs)?.indexOfDispersion),
          dropRank: 1,
        }),
      ),
    ],
    [
      'CV: standard deviation of the gaps over their mean. Dispersion: variance over mean of the requests per window. Both are 0 for even, 1 for Poisson arrivals, and above 1 for bursts.',
    ],
  );
}

function windowOf({ windows }: ArrivalDescription, windowUs: number): WindowDescription | undefined {
  return windows.find((window) => window.windowUs === windowUs);
}

function formatBatchSizes({ batchSizes, requests, inferences }: ArrivalDescription): string {
  const [first] = batchSizes;
  if (first === undefined) return UNKNOWN;
  if (batchSizes.length === 1) return String(first.batchSize);
  const largest = batchSizes[batchSizes.length - 1]!.batchSize;
  return `${first.batchSize} to ${largest}, mean ${formatNumber(inferences / requests)}`;
}

/** Seconds in full, with a rougher unit beside them where they are many. */
export function formatDuration(us: number): string {
  const seconds = `${us / 1e6} s`;
  const unit = UNITS.find(({ s }) => us / 1e6 >= 2 * s);
  return unit === undefined ? seconds : `${seconds} (${formatNumber(us / 1e6 / unit.s)} ${unit.name})`;
}

const UNITS = [
  { s: 86_400, name: 'days' },
  { s: 3600, name: 'h' },
  { s: 60, name: 'min' },
];

function formatMs(us: number | undefined): string {
  return us === undefined ? UNKNOWN : formatNumber(us / 1000);
}

function formatKnown(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : formatNumber(value);
}
