import { foundLoadedShare, hitShare } from '../../metrics/model-shares.js';
import type { DeviceSummary, ModelSummary, Summary } from '../../metrics/summary.js';
import type { CacheCounts, HostUse } from '../../simulator/result.js';
import { formatCount, formatNumber, formatPercent, formatSetting, UNKNOWN } from '../format.js';
import { type ColumnOf, type Table, tableOf } from './table.js';

/** How busy each device is, with whom, and how full. */
export function deviceTable(devices: readonly DeviceSummary[]): Table {
  return tableOf('Devices', devices, [
    { header: 'device', align: 'left', cell: (row) => `${row.server}/${row.device}` },
    { header: 'kind', align: 'left', cell: ({ kind }) => kind },
    { header: 'busy %', cell: ({ busyShare }) => formatPercent(busyShare) },
    { header: 'memory MiB', cell: memoryText, dropRank: 2 },
    { header: 'busy with', align: 'left', cell: busyWithText, dropRank: 1, wraps: true },
  ]);
}

function memoryText({ memoryUsedMb, memoryMb, memoryUnknown }: DeviceSummary): string {
  const used = formatCount(memoryUsedMb);
  const known = memoryUsedMb > 0 ? `≥ ${used}` : 'unknown';
  return `${memoryUnknown ? known : used} of ${formatCount(memoryMb)}`;
}

const MAX_NAMED = 3;

function busyWithText({ shareByTenant }: DeviceSummary): string {
  const byShare = shareByTenant.filter(({ share }) => share > 0).sort((a, b) => b.share - a.share);
  const named = byShare.slice(0, MAX_NAMED).map(({ tenant, share }) => `${tenant} ${formatPercent(share)} %`);
  const rest = byShare.length - named.length;
  return [...named, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

/** How busy each server's CPU is. */
export function hostTable(hosts: readonly HostUse[]): Table {
  return tableOf('Hosts', hosts, [
    { header: 'server', align: 'left', cell: ({ server }) => server },
    { header: 'CPU cores', cell: ({ cpuCores }) => formatSetting(cpuCores) },
    { header: 'cores busy', cell: ({ coresBusy }) => formatNumber(coresBusy) },
    {
      header: 'busy %',
      cell: ({ cpuCores, coresBusy }) =>
        Number.isFinite(cpuCores) ? formatPercent(coresBusy / cpuCores) : UNKNOWN,
    },
  ]);
}

const BUSY_COLUMN: ColumnOf<ModelSummary> = {
  header: 'instances busy %',
  cell: ({ busyShare }) => (busyShare === undefined ? UNKNOWN : formatPercent(busyShare)),
};

/** What the batcher made of the load. */
export function modelTable(models: readonly ModelSummary[]): Table {
  return tableOf('Models', models, [
    { header: 'model', align: 'left', cell: (row) => `${row.server}/${row.model}` },
    { header: 'executions', cell: ({ executions }) => formatCount(executions) },
    { header: 'mean batch', cell: ({ meanBatch }) => formatNumber(meanBatch) },
    ...(models.some(({ busyShare }) => busyShare !== undefined) ? [BUSY_COLUMN] : []),
    { header: 'most common batch sizes', align: 'left', cell: commonBatchesText, dropRank: 1, wraps: true },
  ]);
}

function commonBatchesText({ byBatchSize, executions }: ModelSummary): string {
  return Array.from(byBatchSize, (count, batchSize) => ({ count: count ?? 0, batchSize }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || a.batchSize - b.batchSize)
    .slice(0, MAX_NAMED)
    .map(({ count, batchSize }) => `${batchSize} (${formatPercent(count / executions)} %)`)
    .join(', ');
}

function withPart<Key extends 'cache' | 'sequences' | 'kvCache' | 'loading'>(
  models: readonly ModelSummary[],
  key: Key,
): (NonNullable<ModelSummary[Key]> & { readonly model: string })[] {
  return models.flatMap(({ server, model, [key]: part }) =>
    part ? [{ ...part, model: `${server}/${model}` }] : [],
  );
}

/** What the response cache answers, what that saves, and what it costs where it does not know the answer. */
export function cacheTable(models: readonly ModelSummary[]): Table {
  const rows = withPart(models, 'cache');
  return tableOf(
    'Response cache',
    rows,
    [
      { header: 'model', align: 'left', cell: ({ model }) => model },
      { header: 'hits', cell: ({ hits }) => formatCount(hits) },
      { header: 'hit %', cell: (row) => formatPercent(hitShare(row)) },
      { header: 'hit ms', cell: ({ hits, hitsTookMs }) => formatNumber(hitsTookMs / hits) },
      {
        header: 'executed ms',
        cell: ({ executed, executedTookMs }) => formatNumber(executedTookMs / executed),
      },
      {
        header: 'of which cache ms',
        cell: ({ executed, cacheTookMs }) => formatNumber(cacheTookMs / executed),
      },
      { header: 'saved s', cell: (row) => formatNumber(savedMs(row) / 1000), dropRank: 1 },
    ],
    ['Without the cache requests would also wait for those that it answers now.'],
  );
}

/** The cache spared each hit an execution as the others had, without the cache's part in it; that part is what it costs. */
function savedMs({ hits, hitsTookMs, executed, executedTookMs, cacheTookMs }: CacheCounts): number {
  return (hits * (executedTookMs - cacheTookMs)) / executed - hitsTookMs - cacheTookMs;
}

/** Whether slots are enough for the sequences that come. */
export function sequenceTable(models: readonly ModelSummary[]): Table {
  const rows = withPart(models, 'sequences');
  return tableOf('Sequences', rows, [
    { header: 'model', align: 'left', cell: ({ model }) => model },
    { header: 'slots', cell: ({ slots }) => formatCount(slots) },
    { header: 'in use, mean', cell: ({ slotsUsed }) => formatNumber(slotsUsed.mean) },
    { header: 'most', cell: ({ slotsUsed }) => formatCount(slotsUsed.most) },
    { header: 'waiting for one, mean', cell: ({ waiting }) => formatNumber(waiting.mean) },
    { header: 'most', cell: ({ waiting }) => formatCount(waiting.most) },
  ]);
}

/** How full the KV caches of language models were. */
export function kvCacheTable(models: readonly ModelSummary[]): Table {
  const rows = withPart(models, 'kvCache');
  return tableOf('KV caches', rows, [
    { header: 'model', align: 'left', cell: ({ model }) => model },
    { header: 'tokens', cell: ({ tokens }) => formatCount(tokens) },
    { header: 'in use %, mean', cell: ({ usedShare }) => formatPercent(usedShare.mean) },
    { header: 'most', cell: ({ usedShare }) => formatPercent(usedShare.most) },
  ]);
}

/** Whether requests find their models loaded, and what they wait where they do not. */
export function loadingTable(models: readonly ModelSummary[]): Table {
  const rows = withPart(models, 'loading');
  return tableOf('Models loaded when asked for', rows, [
    { header: 'model', align: 'left', cell: ({ model }) => model },
    { header: 'requests', cell: ({ hits, misses }) => formatCount(hits + misses) },
    {
      header: 'found it loaded %',
      cell: (row) => (row.hits + row.misses === 0 ? UNKNOWN : formatPercent(foundLoadedShare(row))),
    },
    { header: 'loads', cell: ({ loads }) => formatCount(loads) },
    { header: 'unloads', cell: ({ unloads }) => formatCount(unloads) },
    { header: 'mean wait ms', cell: ({ meanWaitMs }) => formatNumber(meanWaitMs) },
    { header: 'loaded % of the time', cell: ({ loadedShare }) => formatPercent(loadedShare) },
  ]);
}

/** Devices, hosts, models, their sequences and loads: the tables that have rows. */
export function resourceTables({ devices, hosts, models }: Summary): readonly Table[] {
  const tables = [
    deviceTable(devices),
    hostTable(hosts),
    modelTable(models),
    cacheTable(models),
    sequenceTable(models),
    kvCacheTable(models),
    loadingTable(models),
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}
