import {
  formatCount,
  formatEstimate,
  formatNumber,
  formatPercent,
  formatSetting,
  formatUsd,
  UNKNOWN,
} from '../format.js';
import { type ColumnOf, type Table, tableOf } from '../tables/table.js';
import type { ReportedDevice } from './plan-devices.js';
import type { PlanReport, ReportedCandidate, ReportedMigration, ReportedStep } from './plan-report.js';
import type { ReportedTenant } from './plan-tenants.js';

const priceColumn: ColumnOf<ReportedCandidate> = {
  header: '$/h',
  cell: ({ usdPerHour }) => formatUsd(usdPerHour),
};

const gpusColumn: ColumnOf<ReportedCandidate> = {
  header: 'GPUs',
  cell: ({ gpus }) => String(gpus),
  dropRank: 3,
};

const millionColumn: ColumnOf<ReportedCandidate> = {
  header: '$/M inferences',
  cell: ({ usdPerMillionInferences }) => formatUsd(usdPerMillionInferences),
  dropRank: 1,
};

const slosColumn: ColumnOf<Pick<ReportedCandidate, 'slos' | 'slosMet'>> = {
  header: 'SLOs met',
  cell: ({ slos, slosMet }) => ({ text: `${slosMet} of ${slos}`, tone: slosMet === slos ? 'good' : 'bad' }),
};

/** Of SLOs; its header is up to the table. */
export const metColumn: Omit<ColumnOf<{ readonly met: boolean }>, 'header'> = {
  align: 'left',
  cell: ({ met }) => (met ? { text: 'met', tone: 'good' } : { text: 'VIOLATED', tone: 'bad' }),
};

const failureColumn: ColumnOf<ReportedCandidate> = {
  header: 'after a failure',
  cell: ({ attainmentAfterFailure }) =>
    attainmentAfterFailure === undefined ? UNKNOWN : formatPercent(attainmentAfterFailure),
  dropRank: 4,
};

const regretColumn: ColumnOf<ReportedCandidate> = {
  header: 'regret $/h',
  cell: ({ regretUsdPerHour }) =>
    Number.isFinite(regretUsdPerHour) ? formatUsd(regretUsdPerHour) : 'violates',
  dropRank: 2,
};

/** Every placement that was simulated in full, cheapest first. */
export function candidatesTable({ candidates, chosen, days, survive }: PlanReport): Table {
  const isPriced = candidates.some(({ usdPerHour }) => usdPerHour > 0);
  const columns: ColumnOf<ReportedCandidate>[] = [
    { header: 'no.', cell: ({ number }) => (number === chosen ? `→ ${number}` : String(number)) },
    ...(isPriced ? [priceColumn] : []),
    { header: 'machines', align: 'left', cell: ({ machines }) => machinesText(machines) },
    ...(candidates.some(({ gpus }) => gpus > 0) ? [gpusColumn] : []),
    slosColumn,
    { header: 'in limit %', cell: ({ attainment }) => formatPercent(attainment) },
    ...(survive === 'nothing' ? [] : [failureColumn]),
    ...(isPriced ? [millionColumn] : []),
    ...(isPriced && chosen !== undefined ? [regretColumn] : []),
    { header: 'front', align: 'left', cell: ({ onFront }) => (onFront ? 'yes' : ''), dropRank: 5 },
  ];
  const note = [
    ...(days > 1
      ? [
          `SLOs and shares are those of the worst of ${days} days; regret: against the cheapest that meets every SLO on the day.`,
        ]
      : []),
    ...(survive !== 'nothing'
      ? [
          `SLOs count as met where they are so after the failure of a ${survive === 'gpu' ? 'GPU' : survive}, too; after a failure: in limit % then, at worst.`,
        ]
      : []),
  ];
  return tableOf('Placements simulated in full', candidates, columns, note);
}

/** `2 × t4, 1 × v100`. */
export function machinesText(machines: ReportedCandidate['machines']): string {
  return machines.map(({ kind, count }) => `${formatCount(count)} × ${kind}`).join(', ');
}

export function devicesTable({ devices }: ReportedCandidate): Table {
  return tableOf<ReportedDevice>('Who sits where', devices, [
    { header: 'server', align: 'left', cell: ({ server }) => server },
    { header: 'device', align: 'left', cell: ({ device }) => device, dropRank: 1 },
    { header: 'sharing', align: 'left', cell: ({ sharing }) => sharing, dropRank: 2 },
    { header: 'busy %', cell: ({ busyShare }) => formatPercent(busyShare) },
    {
      header: 'models (max batch; one of so many replicas)',
      align: 'left',
      wraps: true,
      cell: ({ models }) => models.map(modelText).join(', '),
    },
  ]);
}

function batchText(maxBatchSize: number): string {
  return maxBatchSize === 0 ? 'unbatched' : `${maxBatchSize}`;
}

function stepText({
  model,
  maxBatchSize,
  instances,
  onHost,
}: NonNullable<ReportedDevice['models'][number]['steps']>[number]): string {
  const count = instances > 1 ? ` in ${instances} instances` : '';
  return `${model} ${batchText(maxBatchSize)}${onHost ? ' on cores' : ''}${count}`;
}

function modelText({
  model,
  replicas,
  maxBatchSize,
  queueDelayMs,
  instances,
  steps,
  hasEngine = false,
}: ReportedDevice['models'][number]): string {
  const settings = [
    steps === undefined
      ? hasEngine
        ? 'an engine'
        : batchText(maxBatchSize)
      : steps.map(stepText).join(', '),
    ...(queueDelayMs > 0 ? [`delay ${formatSetting(queueDelayMs)} ms`] : []),
    ...(instances > 1 && steps === undefined ? [`${instances} instances`] : []),
    ...(replicas > 1 ? [`1 of ${replicas}`] : []),
  ];
  return `${model} (${settings.join('; ')})`;
}

/** Ways from the current placement. */
export function migrationTable({ current, steps, recommended }: ReportedMigration): Table {
  const rows = [current, ...steps];
  const isPriced = rows.some(({ usdPerHour }) => usdPerHour > 0);
  const name = (step: ReportedStep) => {
    if (step === current) return steps.length === 0 ? '→ now' : 'now';
    return steps.indexOf(step) + 1 === recommended ? `→ ${recommended}` : String(steps.indexOf(step) + 1);
  };
  return tableOf<ReportedStep>(
    'From the current placement',
    rows,
    [
      { header: 'step', cell: name },
      { header: 'machines', align: 'left', cell: ({ machines }) => machinesText(machines) },
      ...(isPriced ? [{ header: '$/h', cell: ({ usdPerHour }: ReportedStep) => formatUsd(usdPerHour) }] : []),
      ...(rows.some(({ gpus }) => gpus > 0)
        ? [{ header: 'GPUs', cell: ({ gpus }: ReportedStep) => formatCount(gpus), dropRank: 1 }]
        : []),
      slosColumn,
      { header: 'moves', cell: ({ moves }) => formatCount(moves) },
      { header: 'load s', cell: ({ loadS }) => (loadS > 0 ? formatNumber(loadS) : UNKNOWN) },
      { header: 'gain %', cell: ({ gainShare }) => formatPercent(gainShare) },
    ],
    [
      'SLOs met: on every day and after every failure that the plan asks about.',
      'Moves: models to load where they are not now, or with other settings. Load: of the device with most to load, where profiles know it.',
    ],
  );
}

export function tenantsTable({ tenants }: ReportedCandidate, days: number): Table {
  const margin = ({ attainment, percentile }: ReportedTenant) => attainment.value - percentile / 100;
  const sorted = [...tenants].sort((a, b) => margin(a) - margin(b));
  const note = days > 1 ? ['Figures are those of the day with the smallest margin.'] : [];
  return tableOf<ReportedTenant>(
    'SLOs, the smallest margin first',
    sorted,
    [
      { header: 'tenant', align: 'left', cell: ({ tenant }) => tenant },
      {
        header: 'SLO',
        align: 'left',
        cell: ({ percentile, limitMs }) => `p${formatSetting(percentile)} ≤ ${formatSetting(limitMs)} ms`,
      },
      { header: 'verdict', ...metColumn },
      { header: 'latency ms', cell: ({ latencyMs }) => formatNumber(latencyMs) },
      { header: 'in limit %', cell: ({ attainment }) => formatEstimate(attainment, 100) },
    ],
    note,
  );
}
