import { evaluate, meetsAll } from '../../../src/plan/evaluate.js';
import { type Placement, type ServingOption, type Slot, slotsOf } from '../../../src/plan/placement.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { allFailures } from './all-failures.js';

/**
 * Tries every placement on so many machines that is cheaper than `below`, without any shortcut; gives the
 * least cost.
 */
export function cheapestOfAll(problem: PlanProblem, below: number, mostMachines: number): number {
  let best = below;
  for (const kinds of machineLists(problem, mostMachines)) {
    const usd = kinds.reduce((sum, kind) => sum + problem.machines[kind]!.machine.usdPerHour, 0);
    if (usd >= best) continue;
    for (const slots of fillings(problem, kinds)) {
      if (slots.some(({ kind, modelReplicas }) => modelReplicas.length > problem.slotKinds[kind]!.mostModels))
        continue;
      if (slots.some((slot) => memoryMbOf(problem, slot) > problem.slotKinds[slot.kind]!.memoryMb)) continue;
      const placement: Placement = {
        machines: slots.map((slot, m) => ({
          kind: kinds[m]!,
          gpus: slot.modelReplicas.length === 0 ? [] : [[slot]],
        })),
      };
      if (!isMet(problem, placement)) continue;
      best = usd;
      break;
    }
  }
  return best;
}

function memoryMbOf({ workloads }: PlanProblem, { kind, modelReplicas }: Slot): number {
  const sizes = modelReplicas.map(({ workload, option }) => {
    const { modelMb, perInstanceMb, known } = workloads[workload]!.profiles[kind]!.memory;
    return known ? modelMb + option.instances * perInstanceMb : 0;
  });
  return sizes.reduce((sum, mb) => sum + mb, 0);
}

/** Whether every SLO is met, also after every failure that is to be survived. */
function isMet(problem: PlanProblem, placement: Placement): boolean {
  const { survive } = problem.spec;
  const failures = survive === 'nothing' ? [] : allFailures(placement, survive);
  return [placement, ...failures].every(
    (left) => servesAll(problem, left) && meetsAll(evaluate(problem, left, problem.days[0]!)),
  );
}

function servesAll({ workloads }: PlanProblem, left: Placement): boolean {
  const served = new Set(
    slotsOf(left).flatMap(({ modelReplicas }) => modelReplicas.map(({ workload }) => workload)),
  );
  return served.size === workloads.length;
}

/** All lists of one to `most` machines, kinds ascending. */
function machineLists({ machines }: PlanProblem, most: number): number[][] {
  const longer = (lists: number[][]) =>
    lists.flatMap((list) =>
      machines.flatMap((_, kind) => (kind >= (list.at(-1) ?? 0) ? [[...list, kind]] : [])),
    );
  let lists: number[][] = [[]];
  return Array.from({ length: most }, () => {
    lists = longer(lists);
    return lists;
  }).flat();
}

/** Every choice of devices (as bits) and options for each model. */
function* fillings(problem: PlanProblem, kinds: readonly number[]): Generator<Slot[]> {
  const choices = problem.workloads.map(() => devicesAndOptions(problem, kinds.length));
  yield* extend(0, []);

  function* extend(at: number, chosen: readonly [number[], ServingOption][]): Generator<Slot[]> {
    if (at === choices.length) {
      yield kinds.map((machine, m) => ({
        kind: problem.machines[machine]!.wholeSlots[0]!,
        modelReplicas: chosen.flatMap(([devices, option], workload) =>
          devices.includes(m) ? [{ workload, replicas: devices.length, option }] : [],
        ),
      }));
      return;
    }
    for (const choice of choices[at]!) yield* extend(at + 1, [...chosen, choice]);
  }
}

function devicesAndOptions({ options, spec }: PlanProblem, devices: number): [number[], ServingOption][] {
  const sets = Array.from({ length: 2 ** devices - 1 }, (_, bits) =>
    Array.from({ length: devices }, (_, d) => d).filter((d) => ((bits + 1) >> d) & 1),
  );
  return sets
    .filter(({ length }) => length <= spec.mostReplicas)
    .flatMap((set) => options.map((option): [number[], ServingOption] => [set, option]));
}
