import { isInfeasible } from '../bound/infeasible-slot.js';
import type { ServingOption, Slot } from '../placement.js';
import { type PlanProblem, partsOf } from '../problem-setting.js';
import { leastReplicas } from '../replicas.js';
import { deviceShare, executionLimitMs, optionsThatHold, rankOptions } from '../screen.js';
import { mostInstances } from '../serving.js';
import { type AloneServing, mayHold, replicaShare } from './columns.js';
import type { SlotFeasibility } from './slot-feasibility.js';

/** Options tried by simulation for a model alone, best of the screen first. */
const OPTIONS_TRIED = 4;

/** How a model alone is looked at: in its whole run, in a short one, or, where there is no time, by the screen. */
export type Look = 'whole' | 'quick' | 'screen';

/** Screened share of their time that most devices bear. */
export const USUAL_FILL = 0.8;

/**
 * How a model could be served on devices of its own, by slot kind: screened, then simulated. All but whole runs
 * leave out whole devices that another way of sharing covers.
 */
export function aloneRow(
  feasibility: SlotFeasibility,
  workload: number,
  { look }: { readonly look: Look },
): readonly (AloneServing | undefined)[] {
  const { problem } = feasibility;
  const meets = {
    whole: (slot: Slot) => feasibility.meets(slot),
    quick: (slot: Slot) => feasibility.seemsToMeet(slot),
    screen: (slot: Slot) => mayHold(problem, slot, USUAL_FILL) && !isInfeasible(problem, slot),
  }[look];
  const row = problem.slotKinds.map((_, kind) =>
    look !== 'whole' && isCovered(problem, kind) ? undefined : aloneServing(problem, meets, workload, kind),
  );
  if (look !== 'whole' || row.some((serving) => serving !== undefined)) return row;
  return problem.slotKinds.map((_, kind) => servingTogether(feasibility, workload, kind));
}

/**
 * A device for one model is a shared one with one model on it: its instances are streams there, and so are the steps of
 * an ensemble. Time slices are as good only where there is one instance of one model.
 */
export function isCovered(problem: PlanProblem, kind: number): boolean {
  const { machines, slotKinds, workloads } = problem;
  const { mode, machine } = slotKinds[kind]!;
  if (mode !== 'exclusive') return false;
  const isOne = mostInstances(problem) === 1 && workloads.every((workload) => partsOf(workload).length === 1);
  const covering = isOne ? ['streams', 'timeSlices'] : ['streams'];
  return machines[machine]!.wholeSlots.some((other) => covering.includes(slotKinds[other]!.mode));
}

function aloneServing(
  problem: PlanProblem,
  meets: (slot: Slot) => boolean,
  workload: number,
  kind: number,
): AloneServing | undefined {
  const { spec } = problem;
  const { options, shareOf } = screened(problem, workload, kind);
  const least = leastReplicas(spec.survive);
  let best: AloneServing | undefined;
  for (const option of options.slice(0, OPTIONS_TRIED)) {
    if (!Number.isFinite(shareOf(option))) continue;
    const share = replicaShare(problem, kind, { workload, replicas: 1, option });
    const most = Math.min(spec.mostReplicas, (best?.replicas ?? Infinity) - 1);
    const replicas = fewestReplicas(
      (count) => meets({ kind, modelReplicas: [{ workload, replicas: count, option }] }),
      Math.max(least, Math.ceil(share * 0.9)),
      least,
      most,
    );
    if (replicas !== undefined) best = { replicas, option };
  }
  return best;
}

/** What the screen says of a model on a device of that kind: options, best first (none where no profile is for it), and the share each takes of the device. */
interface Screened {
  readonly options: readonly ServingOption[];
  readonly shareOf: (option: ServingOption) => number;
}

function screened(problem: PlanProblem, workload: number, kind: number): Screened {
  const wanted = problem.workloads[workload]!;
  const { profiles, ratePerS } = wanted;
  const profile = profiles[kind];
  if (profile === undefined) return { options: [], shareOf: () => Infinity };
  const limitMs = executionLimitMs(wanted, kind);
  const slot = problem.slotKinds[kind]!;
  return {
    options: rankOptions({ profile, slot }, ratePerS, limitMs, optionsThatHold(problem, wanted)),
    shareOf: (option) => deviceShare(profile, ratePerS, limitMs, option),
  };
}

/**
 * For a model of which nothing did: under every option, as many replicas as there may be, of which one may be late a
 * little too often where the others make up for it.
 */
function servingTogether(
  feasibility: SlotFeasibility,
  workload: number,
  kind: number,
): AloneServing | undefined {
  const { spec } = feasibility.problem;
  for (const option of screened(feasibility.problem, workload, kind).options) {
    const meets = (replicas: number) =>
      feasibility.keepsTogether({ kind, modelReplicas: [{ workload, replicas, option }] });
    const least = leastReplicas(spec.survive);
    const replicas = fewestReplicas(meets, spec.mostReplicas, least, spec.mostReplicas);
    if (replicas !== undefined) return { replicas, option };
  }
  return undefined;
}

/** Least number that keeps, searched outwards from a guess; more replicas are taken never to do worse. */
function fewestReplicas(
  meets: (replicas: number) => boolean,
  guess: number,
  least: number,
  most: number,
): number | undefined {
  if (most < least) return undefined;
  let high = Math.min(Math.max(guess, least), most);
  while (!meets(high)) {
    if (high === most) return undefined;
    high = Math.min(most, high + Math.max(1, Math.floor(high / 4)));
  }
  while (high > least && meets(high - 1)) high--;
  return high;
}
