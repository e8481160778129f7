import { countOn, type ModelReplica, type Placement, type Slot, slotsOf, workloadsOn } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { mostTogether } from '../replicas.js';
import type { FeasibilityCheck } from '../search/feasibility-check.js';
import { isOverLimit } from '../search/infeasible.js';
import type { Search } from '../search/search-setting.js';
import { besideOthers, loneSlots, onIdleDevices } from './room.js';

/** Devices of the current placement on which a model is tried until one does. */
const MOST_PLACES = 16;

/**
 * The current placement with the models that it serves nowhere, a new tenant's for example: each with the settings and as
 * many replicas as the best placement has of it, on the first device that stays within its SLOs with it. Those that
 * are there come first, then idle ones, then further machines.
 */
export function* withUnserved(
  feasibility: FeasibilityCheck,
  current: Placement,
  best: Placement,
): Search<Placement> {
  const { problem, dispatcher } = feasibility;
  let at = current;
  for (const lone of unservedIn(current, best)) {
    const ways = waysToAdd(problem, at, lone);
    const failing = (yield* feasibility.failing(at)).length;
    let next = ways.at(-1);
    for (const way of dispatcher.hasTimeFor(0) ? ways.slice(0, -1) : []) {
      if ((yield* feasibility.failing(way)).length > failing) continue;
      next = way;
      break;
    }
    at = next ?? at;
  }
  return at;
}

/** What the best placement serves that the current one does not, each model and replica by itself. */
function unservedIn(current: Placement, best: Placement): Slot[] {
  const served = workloadsOn(slotsOf(current));
  return loneSlots(slotsOf(best)).filter(({ modelReplicas: [only] }) => !served.has(only!.workload));
}

/** Placements with a slot's only model besides what is there, those that cost least first. */
function waysToAdd(problem: PlanProblem, placement: Placement, lone: Slot): Placement[] {
  const [modelReplica] = lone.modelReplicas;
  const beside = besideOthers(problem, placement, modelReplica!).filter((way) =>
    isApart(problem, way, modelReplica!),
  );
  const own = [...onIdleDevices(problem, placement, lone), onFurtherMachine(problem, placement, lone)].filter(
    (way) => isApart(problem, way, modelReplica!) && !exceedsLimit(problem, placement, way),
  );
  return [...beside.slice(0, MOST_PLACES), ...own];
}

function onFurtherMachine(problem: PlanProblem, { machines }: Placement, slot: Slot): Placement {
  const { machine: kind } = problem.slotKinds[slot.kind]!;
  return { machines: [...machines, { kind, gpus: [[slot]] }] };
}

/** Whether no GPU or machine that may be lost has more of the model's replicas than that. */
function isApart({ spec }: PlanProblem, { machines }: Placement, modelReplica: ModelReplica): boolean {
  const most = mostTogether(spec.survive, modelReplica);
  const faultDomains =
    spec.survive === 'machine'
      ? machines.map(({ gpus }) => gpus.flat())
      : machines.flatMap(({ gpus }) => gpus);
  return faultDomains.every((slots) => countOn(slots, modelReplica.workload) <= most);
}

/** Limits that the current placement keeps are kept; where it has more machines already, it gets no others. */
function exceedsLimit(problem: PlanProblem, before: Placement, after: Placement): boolean {
  return after.machines.length > before.machines.length && isOverLimit(problem, after);
}
