import { given } from '../base/given.js';
import type { HostUse, KvUse, LoadCounts, SequenceUse } from '../simulator/result.js';
import { addCounts, largest, meanOf, sumOf } from './combine.js';
import type { DeviceSummary, ModelSummary } from './summary.js';

/** What devices, hosts and models did in several runs of one scenario: sums of counts, means of the rest. */
export function combineDevices(runs: readonly DeviceSummary[]): DeviceSummary {
  const first = runs[0]!;
  const tenants = [...new Set(runs.flatMap((run) => run.shareByTenant.map(({ tenant }) => tenant)))].sort();
  const shareOf = (run: DeviceSummary, name: string) =>
    run.shareByTenant.find(({ tenant }) => tenant === name)?.share ?? 0;
  return {
    ...first,
    busyShare: meanOf(runs, (run) => run.busyShare),
    memoryUsedMb: largest(runs, (run) => run.memoryUsedMb),
    shareByTenant: tenants.map((tenant) => ({ tenant, share: meanOf(runs, (run) => shareOf(run, tenant)) })),
    timeline: first.timeline.map((_, i) => meanOf(runs, (run) => run.timeline[i]!)),
    ...meanPresence(runs),
  };
}

export function combineHosts(runs: readonly HostUse[]): HostUse {
  return { ...runs[0]!, coresBusy: meanOf(runs, (run) => run.coresBusy), ...meanPresence(runs) };
}

/** What was removed is gone when it has ended what it held: in each run at another time. */
function meanPresence(runs: readonly Pick<HostUse, 'presentShare'>[]) {
  if (runs[0]!.presentShare === undefined) return {};
  return { presentShare: meanOf(runs, ({ presentShare = 1 }) => presentShare) };
}

export function combineModels(runs: readonly ModelSummary[]): ModelSummary {
  const executions = sumOf(runs, (run) => run.executions);
  const inferences = sumOf(runs, (run) => (run.executions === 0 ? 0 : run.executions * run.meanBatch));
  const sizes = largest(runs, (run) => run.byBatchSize.length);
  const byBatchSize = Array.from({ length: sizes }, (_, b) => sumOf(runs, (run) => run.byBatchSize[b] ?? 0));
  const caches = runs.flatMap((run) => run.cache ?? []);
  return {
    ...runs[0]!,
    executions,
    meanBatch: inferences / executions,
    byBatchSize,
    ...(runs[0]!.busyShare !== undefined && {
      busyShare: meanOf(runs, ({ busyShare = Number.NaN }) => busyShare),
    }),
    ...(caches.length > 0 && { cache: addCounts(caches) }),
    ...given({
      sequences: combineSequences(runs.flatMap((run) => run.sequences ?? [])),
      kvCache: combineKvCaches(runs.flatMap((run) => run.kvCache ?? [])),
      loading: combineLoading(runs.flatMap((run) => run.loading ?? [])),
    }),
  };
}

function combineLoading(runs: readonly LoadCounts[]): LoadCounts | undefined {
  if (runs.length === 0) return undefined;
  const counts = addCounts(runs);
  const waitedMs = sumOf(runs, (run) => run.misses * run.meanWaitMs);
  return {
    ...counts,
    meanWaitMs: waitedMs / Math.max(1, counts.misses),
    loadedShare: meanOf(runs, (run) => run.loadedShare),
  };
}

function combineKvCaches(runs: readonly KvUse[]): KvUse | undefined {
  const [first] = runs;
  if (first === undefined) return undefined;
  return { tokens: first.tokens, usedShare: meanAndMost(runs.map((run) => run.usedShare)) };
}

function combineSequences(runs: readonly SequenceUse[]): SequenceUse | undefined {
  const [first] = runs;
  if (first === undefined) return undefined;
  return {
    slots: first.slots,
    slotsUsed: meanAndMost(runs.map((run) => run.slotsUsed)),
    waiting: meanAndMost(runs.map((run) => run.waiting)),
  };
}

function meanAndMost(runs: readonly SequenceUse['waiting'][]): SequenceUse['waiting'] {
  return { mean: meanOf(runs, ({ mean }) => mean), most: largest(runs, ({ most }) => most) };
}
