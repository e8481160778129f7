import { evaluate, meetsAll, placementScenario } from '../../../src/plan/evaluate.js';
import type { Placement, ServingOption, Slot } from '../../../src/plan/placement.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { meetsSlos } from '../../../src/plan/verdict.js';

/**
 * The least cost of all ways to put every model on one of up to so many devices, with one option for all models of a
 * device; Infinity where none meets every SLO. Which groups of models a device can serve is simulated group by
 * group, without any shortcut; what is put together from them is simulated as a whole.
 */
export function cheapestPartition(problem: PlanProblem, mostMachines: number): number {
  const { workloads, machines } = problem;
  const all = 2 ** workloads.length - 1;
  const slots = machines.map((_, kind) =>
    Array.from({ length: all + 1 }, (_, models) =>
      models === 0 ? undefined : slotFor(problem, kind, models),
    ),
  );
  let best = Infinity;
  extend(
    0,
    [],
    machines.map(() => 0),
    0,
  );
  return best;

  /** The first model that has no device yet is put on one together with any of the others. */
  function extend(placed: number, chosen: readonly Slot[], counts: readonly number[], usd: number): void {
    if (placed === all) {
      if (usd < best && meetsAll(evaluate(problem, placementOn(chosen), problem.days[0]!))) best = usd;
      return;
    }
    if (chosen.length === mostMachines) return;
    const rest = all & ~placed;
    const first = rest & -rest;
    for (let group = rest; group > 0; group = (group - 1) & rest) {
      if ((group & first) === 0) continue;
      for (const [kind, { limit, machine }] of machines.entries()) {
        const slot = slots[kind]![group];
        if (slot === undefined || counts[kind]! >= limit || usd + machine.usdPerHour >= best) continue;
        const more = counts.map((count, k) => (k === kind ? count + 1 : count));
        extend(placed | group, [...chosen, slot], more, usd + machine.usdPerHour);
      }
    }
  }
}

/** The models (as bits) on a device of a kind of machine, under the first option with which all are in time. */
function slotFor(problem: PlanProblem, machine: number, models: number): Slot | undefined {
  const kind = problem.machines[machine]!.wholeSlots[0]!;
  const group = problem.workloads.flatMap((_, workload) => ((models >> workload) & 1 ? [workload] : []));
  const slotUnder = (option: ServingOption): Slot => ({
    kind,
    modelReplicas: group.map((workload) => ({ workload, replicas: 1, option })),
  });
  return problem.options
    .map(slotUnder)
    .find((slot) => meetsSlos(placementScenario(problem, placementOn([slot]), problem.days[0]!)));
}

function placementOn(slots: readonly Slot[]): Placement {
  return {
    machines: slots.map((slot) => ({ kind: slot.kind, gpus: [[slot]] })),
  };
}
