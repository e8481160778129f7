import { callsOf, isForBatch, usesOf } from '../bound/called.js';
import { leastLoads, type TenantLoad } from '../bound/least-load.js';
import type { Entry, PlanSetting, ServedPart, Workload } from '../problem-setting.js';
import { executionMs } from '../screen.js';

// Models that stay together on one server.

/** Of tenants that ask for several models, what is asked of one of these. */
export function entryOf(setting: PlanSetting, tenants: readonly number[], model: string): Entry {
  const loads = (['run', 'sustained'] as const).flatMap((scope) => leastLoads(setting, { tenants }, scope));
  const share = (of: (load: TenantLoad) => number) =>
    Math.min(
      ...loads.map(({ tenants: all }) => {
        const own = all.filter(({ tenant }) => setting.spec.tenants[tenant]!.model === model);
        const sum = (some: readonly TenantLoad[]) => some.reduce((total, load) => total + of(load), 0);
        return sum(own) / Math.max(sum(all), 1);
      }),
    );
  const counted = ({ requests, leftOut }: TenantLoad) => requests - leftOut;
  return {
    model,
    inferenceShare: Math.min(
      share(({ inferences }) => inferences),
      share((load) => load.smallest * counted(load)),
    ),
    requestShare: Math.min(
      share(({ executed }) => executed),
      share(counted),
    ),
  };
}

/** Batches are of this size, as far as each model allows it, where the work of models is compared. */
const USUAL_BATCH = 8;

/** By the time that each executes for an inference that is asked for, on the first kind of device that has profiles of all. */
export function withWorkShares(
  workload: Parameters<typeof usesOf>[0] & { readonly parts: readonly ServedPart[] },
) {
  const { parts } = workload;
  const uses = usesOf(workload);
  const kind = parts[0]!.profiles.findIndex((_, k) =>
    parts.every(({ profiles }) => profiles[k] !== undefined),
  );
  const works = parts.map(({ model, profiles, mostBatch = USUAL_BATCH, isUnbatched }) => {
    const profile = profiles[kind];
    const batch = isUnbatched ? 1 : Math.min(mostBatch, USUAL_BATCH);
    const { perInference, perRequest } = uses.get(model)!.mean;
    return profile === undefined ? 0 : ((perInference + perRequest) * executionMs(profile, batch)) / batch;
  });
  const most = Math.max(...works);
  // What calls others is busy while it waits.
  const isShare = ({ calls }: ServedPart) => most > 0 && calls === undefined;
  return parts.map((part, i) => (isShare(part) ? { ...part, workShare: works[i]! / most } : part));
}

/** What calls others for whole batches has none that is larger than any of them takes. */
export function withBatchesOfCalls(
  parts: readonly ServedPart[],
  ensembles: NonNullable<Workload['ensembles']>,
): readonly ServedPart[] {
  const limits = [
    ...parts.map(({ mostBatch = Infinity, isUnbatched }) => (isUnbatched ? Infinity : mostBatch)),
    ...ensembles.map(({ fields }) => fields.max_batch_size || Infinity),
  ];
  const most = Math.min(...limits);
  if (most === Infinity) return parts;
  return parts.map((part) => (callsOf(part).some(isForBatch) ? { ...part, mostBatch: most } : part));
}
