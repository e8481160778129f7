import { someOf } from '../../base/some-of.js';
import type { Doubt } from '../../profile/time-error.js';
import { width } from '../doubt.js';
import { formatNumber, formatPercent } from '../format.js';
import type { RunDoubt, TenantDoubt } from '../run-report.js';
import { type Table, tableOf } from './table.js';

const SHOWN = [50, 95, 99] as const;

/** From where to where the figures of each tenant may lie, and how well each profile is known. */
export function doubtTable({ models, tenants }: RunDoubt): Table {
  const exact = models.filter(({ error }) => error === null).map(nameOf);
  return tableOf<TenantDoubt>(
    `Within the error of the profiles (95 %)${exact.length === 0 ? '' : `; ${exact.length} of ${models.length} count as exact`}`,
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
      ...(exact.length === 0
        ? []
        : [
            `Nothing tells how well the times of ${someOf(exact)} are known; they count as exact, so the ranges are too narrow.`,
          ]),
      'From all profiles as fast as they may be to all as slow as they may be, noise of the run included where the run has an interval.',
      ...tenants.slice(0, MOST_EXPLAINED).flatMap(reasonNote),
      ...(exact.length > 0 ? [probeNote('times')] : probeNotes(tenants)),
      ...models.flatMap(modelNote),
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

/** `photos: mean 41 to 44 ms by noise, 33 to 55 because …`. */
function reasonNote({ tenant, noiseMeanMs, reasons }: TenantDoubt): string[] {
  const open = reasons.filter(isOpen);
  if (open.length === 0) return [];
  const because = open.map(({ doubt, ...range }) => `${rangeText(range)} because ${REASONS[doubt]}`);
  return [`${tenant}: mean ${rangeText(noiseMeanMs)} ms by noise, ${because.join(', ')}.`];
}

type Known = RunDoubt['models'][number];

const nameOf = ({ model, device }: Known): string => `${model} on ${device}`;

function modelNote(known: Known): string[] {
  const { error } = known;
  if (error === null) return [];
  return [
    `${nameOf(known)}: its times may be off by a factor of ${formatNumber(error.factor)}, from ${error.from}.`,
  ];
}

function rangeText({ low, high }: { readonly low: number; readonly high: number | null }): string {
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
