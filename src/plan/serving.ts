import { MOST_INSTANCES } from '../scenario/limits.js';
import type { ModelReplica, ServingOption } from './placement.js';
import { type PlanProblem, partsOf, type ServedPart, type Workload } from './problem-setting.js';
import { sharersOf } from './replicas.js';
import type { Survive } from './spec.js';

/** The largest batch that a model is served with under an option; 0: no batch dimension. */
export function batchOf(
  { model, isUnbatched, mostBatch = Infinity, engine, fields }: ServedPart,
  { maxBatchSize, each }: ServingOption,
): number {
  // What an engine gets does not depend on it.
  if (engine !== undefined) return fields?.max_batch_size ?? 0;
  return isUnbatched === true ? 0 : (each?.[model]?.maxBatchSize ?? Math.min(maxBatchSize, mostBatch));
}

/** The queue delay that a model is served with under an option. */
export function queueDelayMsOf({ model }: ServedPart, { queueDelayMs, each }: ServingOption): number {
  return each?.[model]?.queueDelayMs ?? queueDelayMs;
}

/**
 * Instances of a model on a device: those of the option, in proportion to its work where it is one of several; and more where its
 * calls or the slots of sequences need them.
 */
export function instancesOf(
  survive: Survive,
  workload: Workload,
  part: ServedPart,
  replica: Omit<ModelReplica, 'workload'>,
): number {
  return neededBy(workload, part, replica.option, sharersOf(survive, replica));
}

/** Of the model of a replica that has most of them. */
export function busiestInstances(
  { spec, workloads }: PlanProblem,
  { workload: w, ...replica }: ModelReplica,
): number {
  const workload = workloads[w]!;
  return Math.max(...partsOf(workload).map((part) => instancesOf(spec.survive, workload, part, replica)));
}

function neededBy(
  { sequencesInFlight = 0 }: Workload,
  part: ServedPart,
  option: ServingOption,
  sharers: number,
): number {
  if (part.engine !== undefined) return 1;
  const asServed = option.each?.[part.model];
  if (asServed !== undefined) return asServed.instances;
  const byWork = Math.max(1, Math.ceil(option.instances * (part.workShare ?? 1)));
  const least = Math.max(byWork, part.leastInstances ?? 1);
  if (part.slots === undefined) return least;
  const slots = part.slots === 'batch' ? Math.max(1, batchOf(part, option)) : part.slots;
  return Math.max(least, Math.min(MOST_INSTANCES, Math.ceil(sequencesInFlight / sharers / slots)));
}

export function mostInstances({ options, workloads }: Pick<PlanProblem, 'options' | 'workloads'>): number {
  return Math.max(
    ...options.flatMap((option) =>
      workloads.flatMap((workload) => partsOf(workload).map((part) => neededBy(workload, part, option, 1))),
    ),
  );
}
