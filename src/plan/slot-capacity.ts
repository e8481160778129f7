import { FAIR_SHARE, slowdown } from '../effects/interference/slowdown.js';
import { crowdedTimes } from '../profile/crowded.js';
import type { ModelProfile } from '../profile/profile.js';
import { fillOf } from '../profile/service-time.js';
import { LEAST_STREAM_FILL } from '../simulator/resources/sharing.js';
import { isBesideGpu, type SlotKind } from './placement.js';
import { type PlanProblem, partsOf } from './problem-setting.js';
import { mostInstances } from './serving.js';

/** What of a plan decides how fast a slot is. */
type CapacitySetting = Pick<PlanProblem, 'slotKinds' | 'workloads' | 'options'>;

/**
 * Whether an inference takes of what the models of a slot share: the GPU, or the cores of a host. There, models
 * that only wait (for a device of their own, or another machine) take nothing from the others.
 */
export function takesShared(slot: SlotKind, profile: ModelProfile): boolean {
  return slot.cores === undefined ? !isBesideGpu(slot, profile) : profile.hostCores.infer > 0;
}

/**
 * Executions of one model that a slot completes side by side as fast as one: those of its instances that have a
 * core of the host. A GPU is shared by all of them.
 */
export function ownCapacity(slot: SlotKind, profile: ModelProfile, instances: number): number {
  if (slot.cores === undefined) return 1;
  return takesShared(slot, profile) ? Math.min(instances, slot.cores) : instances;
}

/**
 * Seconds of solo inference that a slot may complete in a second: more than one where executions that
 * overlap slow each other by less than fair halves. Of what {@link takesShared} counts.
 */
export function slotCapacityOf(setting: CapacitySetting, s: number): number {
  const { mode, mostModels, cores } = setting.slotKinds[s]!;
  const { workloads } = setting;
  const instances = mostInstances(setting);
  const counts = workloads.map((workload) => partsOf(workload).length).sort((a, b) => b - a);
  const most = instances * counts.slice(0, mostModels).reduce((sum, count) => sum + count, 0);
  if (cores !== undefined) return capacityOfCores(setting, s, Math.min(most, cores));
  const least = leastFill(workloads, s);
  const byFill = (fill: number) => most / crowdedTimes(fill, most * fill);
  switch (mode) {
    case 'timeSlices':
      return 1;
    case 'mps':
      return byFill(least);
    // Instances of the one model on a GPU or slice of its own are streams there.
    case 'exclusive':
    case 'mig':
    case 'streams':
      return Math.max(byFill(Math.max(LEAST_STREAM_FILL, least)), fastest(most, leastSlowdown(workloads, s)));
  }
}

/** The least that an execution of any model fills of the slot, at most all of it. */
function leastFill(workloads: PlanProblem['workloads'], s: number): number {
  const fills = workloads.flatMap(partsOf).flatMap(({ profiles }) => {
    const profile = profiles[s];
    const sizes = profile === undefined ? [] : [1, ...profile.service.map(({ batchSize }) => batchSize)];
    return sizes.map((size) => fillOf(profile!, size));
  });
  return Math.min(1, ...fills);
}

/** The least that any two executions on a slot slow each other; fair halves where nothing was measured. */
function leastSlowdown(workloads: PlanProblem['workloads'], s: number): number {
  const slowdowns = workloads.flatMap(partsOf).flatMap(({ profiles }) => {
    const { self, pairs, sensitivity, pressure } = profiles[s]?.interference ?? { pairs: [] };
    const modelled = sensitivity !== undefined && pressure !== undefined ? [1] : [];
    return [...(self === undefined ? [] : [self]), ...pairs.map((pair) => pair.slowdown), ...modelled];
  });
  return Math.min(FAIR_SHARE, ...slowdowns);
}

/** Executions that a slot completes side by side as fast as one, at most: of inference, or on instances' threads. */
export function mostSideBySide(setting: CapacitySetting, s: number): number {
  return Math.max(slotCapacityOf(setting, s), mostInstances(setting));
}

/**
 * Executions on cores slow each other by the least that was measured of any two (see `coresLaw`); what was not
 * measured costs nothing. More of them than cores do no more together.
 */
function capacityOfCores(
  { slotKinds, workloads, options }: CapacitySetting,
  s: number,
  most: number,
): number {
  const slot = slotKinds[s]!;
  if (most <= 1) return most;
  const computing = workloads.flatMap(partsOf).flatMap(({ profiles }) => {
    const profile = profiles[s];
    return profile !== undefined && takesShared(slot, profile) ? [profile] : [];
  });
  const withItself = mostInstances({ options, workloads }) > 1;
  const slowdowns = computing.flatMap((own) =>
    computing
      .filter((other) => other !== own || withItself)
      .map((other) => {
        const { slowdown: times, assumed } = slowdown(own, other.model, other);
        return assumed ? 1 : times;
      }),
  );
  return fastest(most, slowdowns.length === 0 ? 1 : Math.min(...slowdowns));
}

/** The most that up to so many executions do together where each other one slows them by `least` times. */
function fastest(most: number, least: number): number {
  return Math.max(1, most / (1 + (most - 1) * (least - 1)));
}
