import type { RunDoubt, TenantDoubt } from '../doubt.js';
import { formatNumber, formatPercent } from '../format.js';
import { type Table, tableOf } from './table.js';

const SHOWN = [50, 95, 99] as const;

/** From where to where the figures of each tenant may lie, and how well each profile is known. */
export function doubtTable({ models, tenants }: RunDoubt): Table {
  return tableOf<TenantDoubt>(
    'With the doubt of the profiles (95 %)',
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
      'All profiles at once as fast and as slow as their errors allow, and executions that fill as little and as much of a shared device as is known. The noise of the run is in it.',
      ...models.map(modelNote),
    ],
  );
}

function modelNote({ model, device, error }: RunDoubt['models'][number]): string {
  const name = `${model} on ${device}`;
  if (error === null) return `${name}: nothing tells how well its times are known; no doubt is counted.`;
  return `${name}: times known to a factor of ${formatNumber(error.factor)}, from ${error.from}.`;
}

function rangeText({ low, high }: { readonly low: number; readonly high: number | null }): string {
  if (!Number.isFinite(low)) return '–';
  return high === null ? `${formatNumber(low)} to growing` : `${formatNumber(low)} to ${formatNumber(high)}`;
}

function shareText(range: TenantDoubt['attainment']): string {
  if (range === undefined) return '–';
  const percent = (share: number) => formatPercent(Math.min(1, Math.max(0, share)));
  return `${percent(range.low)} to ${percent(range.high)}`;
}
