import { evaluate, keepsAll } from '../../src/plan/evaluate.js';
import { type Placement, type ServingOption, type Slot, slotsOf } from '../../src/plan/placement.js';
import type { PlanProblem } from '../../src/plan/problem-setting.js';
import { allLosses } from './all-losses.js';

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
      if (slots.some(({ kind, pieces }) => pieces.length > problem.slotKinds[kind]!.mostModels)) continue;
      if (slots.some((slot) => memoryMbOf(problem, slot) > problem.slotKinds[slot.kind]!.memoryMb)) continue;
      const placement: Placement = {
        machines: slots.map((slot, m) => ({
          kind: kinds[m]!,
          gpus: slot.pieces.length === 0 ? [] : [{ machineKind: kinds[m]!, slots: [slot] }],
        })),
      };
      if (!isKept(problem, placement)) continue;
      best = usd;
      break;
    }
  }
  return best;
}

function memoryMbOf({ demands }: PlanProblem, { kind, pieces }: Slot): number {
  const sizes = pieces.map(({ demand, option }) => {
    const { modelMb, perInstanceMb, known } = demands[demand]!.profiles[kind]!.memory;
    return known ? modelMb + option.instances * perInstanceMb : 0;
  });
  return sizes.reduce((sum, mb) => sum + mb, 0);
}

/** Whether every promise is kept, also after every loss that is to be survived. */
function isKept(problem: PlanProblem, placement: Placement): boolean {
  const { survive } = problem.spec;
  const losses = survive === 'nothing' ? [] : allLosses(placement, survive);
  return [placement, ...losses].every(
    (left) => servesAll(problem, left) && keepsAll(evaluate(problem, left, problem.days[0]!)),
  );
}

function servesAll({ demands }: PlanProblem, left: Placement): boolean {
  const served = new Set(slotsOf(left).flatMap(({ pieces }) => pieces.map(({ demand }) => demand)));
  return served.size === demands.length;
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
  const choices = problem.demands.map(() => devicesAndOptions(problem, kinds.length));
  yield* extend(0, []);

  function* extend(at: number, chosen: readonly [number[], ServingOption][]): Generator<Slot[]> {
    if (at === choices.length) {
      yield kinds.map((machine, m) => ({
        kind: problem.machines[machine]!.wholeSlots[0]!,
        pieces: chosen.flatMap(([devices, option], demand) =>
          devices.includes(m) ? [{ demand, replicas: devices.length, option }] : [],
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
