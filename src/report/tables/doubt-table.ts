import { plural } from '../../base/plural.js';
import type { Doubt } from '../../profile/time-error.js';
import { width } from '../doubt.js';
import { formatNumber, formatPercent } from '../format.js';
import type { RunDoubt, TenantDoubt } from '../run-report.js';
import { type Table, tableOf } from './table.js';

const SHOWN = [50, 95, 99] as const;

/** From where to where figures may lie, for which reasons, and how well each profile is known. */
export function doubtTables(doubt: RunDoubt): readonly Table[] {
  return [rangeTable(doubt), reasonTable(doubt), knownTable(doubt)].filter(({ rows }) => rows.length > 0);
}

function rangeTable({ tenants }: RunDoubt): Table {
  return tableOf<TenantDoubt>(
    'Within the error of the profiles (95 %)',
    tenants,
    [
      { header: 'tenant', align: 'left', cell: ({ tenant }) => tenant },
      { header: 'completed /s', cell: ({ throughputPerS }) => rangeText(throughputPerS), dropRank: 1 },
      ...(tenants.some(({ attainment }) => attainment !== undefined)
        ? [{ header: 'in limit %', cell: ({ attainment }: TenantDoubt) => shareText(attainment) }]
        : []),
      { header: 'mean ms', cell: ({ meanMs }) => rangeText(meanMs), dropRank: 2 },
      ...SHOWN.map((percentile) => ({
        header: `p${percentile} ms`,
        cell: ({ percentilesMs }: TenantDoubt) => {
          const row = percentilesMs.find((each) => each.percentile === percentile);
          return row === undefined ? '' : rangeText(row);
        },
      })),
    ],
    [
      'From all profiles as fast as they may be to all as slow as they may be, noise of the run included where the run has an interval.',
    ],
  );
}

interface Reason {
  readonly tenant: string;
  readonly mean: Range;
  readonly because: string;
}

/** From where to where each mean lies by noise, and by each thing that is not known. */
function reasonTable({ tenants }: RunDoubt): Table {
  return tableOf<Reason>('What leaves the mean open', tenants.slice(0, MOST_EXPLAINED).flatMap(reasonsOf), [
    { header: 'tenant', align: 'left', cell: ({ tenant }) => tenant },
    { header: 'mean ms', cell: ({ mean }) => rangeText(mean) },
    { header: 'because', align: 'left', wraps: true, cell: ({ because }) => because },
  ]);
}

/** By what factor the times of each profile may be off, and which probe would narrow the ranges most: also where no reason is open. */
function knownTable({ models, tenants }: RunDoubt): Table {
  const exact = models.filter(({ error }) => error === null).length;
  return tableOf<Known>(
    'How well the times of the profiles are known',
    models,
    [
      { header: 'model', align: 'left', cell: ({ model }) => model },
      { header: 'device', align: 'left', cell: ({ device }) => device },
      {
        header: 'off by up to',
        cell: ({ error }) => (error === null ? '?' : `× ${formatNumber(error.factor)}`),
      },
      {
        header: 'as seen from',
        align: 'left',
        wraps: true,
        cell: ({ error }) => error?.from ?? 'nothing; it counts as exact',
      },
    ],
    exact === 0
      ? probeNotes(tenants)
      : [
          `${exact} of ${models.length} ${plural(exact, 'counts', 'count')} as exact, so the ranges are too narrow.`,
          probeNote('times'),
        ],
  );
}

/** Of more tenants the reasons are in the JSON. */
const MOST_EXPLAINED = 5;

const REASONS: Readonly<Record<Doubt, string>> = {
  times: 'the times of the profiles are not known better',
  sharing: 'what executions side by side leave each other was not measured',
  batches: 'larger batches than any measured are extrapolated',
  frontEnd: 'what the front end takes of a request was not measured',
  neighbours: 'busy slices of one GPU cost each other more or less',
};

/** What narrows each. */
const PROBES: Readonly<Record<Doubt, string>> = {
  times: 'perseus calibrate on the server that will serve',
  sharing: 'perseus calibrate --allow-load, which measures instances and models side by side',
  batches: 'perseus calibrate --max-batch with the largest batch that is served',
  frontEnd: 'perseus calibrate over the network that clients use, with requests of their size',
  neighbours: 'the slices measured alone and all at once, for neighbourSlowdown of the GPU',
};

/** By the reason that leaves most open of the mean of any tenant. */
function probeNotes(tenants: readonly TenantDoubt[]): string[] {
  const open = tenants.flatMap(({ reasons }) => reasons.filter(isOpen));
  const [widest] = open.sort((a, b) => width(b) - width(a));
  return widest === undefined ? [] : [probeNote(widest.doubt)];
}

const probeNote = (doubt: Doubt): string => `What would narrow this most: ${PROBES[doubt]}.`;

function isOpen({ low, high }: TenantDoubt['reasons'][number]): boolean {
  return high === null || high > low;
}

function reasonsOf({ tenant, noiseMeanMs, reasons }: TenantDoubt): readonly Reason[] {
  const open = reasons.filter(isOpen);
  if (open.length === 0) return [];
  return [
    { tenant, mean: noiseMeanMs, because: 'this run is one of many (noise)' },
    ...open.map(({ doubt, ...mean }) => ({ tenant, mean, because: REASONS[doubt] })),
  ];
}

type Known = RunDoubt['models'][number];

/** Without an upper end where latency grows as long as the load lasts. */
interface Range {
  readonly low: number;
  readonly high: number | null;
}

function rangeText({ low, high }: Range): string {
  if (!Number.isFinite(low)) return '–';
  // Neither noise nor profiles leave anything open: of most such figures the run has no interval.
  if (low === high) return formatNumber(low);
  return high === null ? `${formatNumber(low)} to growing` : `${formatNumber(low)} to ${formatNumber(high)}`;
}

function shareText(range: TenantDoubt['attainment']): string {
  if (range === undefined) return '–';
  const percent = (share: number) => formatPercent(Math.min(1, Math.max(0, share)));
  return `${percent(range.low)} to ${percent(range.high)}`;
}
