import { machineCost } from '../goal.js';
import type { PlanProblem } from '../problem-setting.js';

/** Machines by kind: `counts[k]` of kind k. */
export type MachineCounts = readonly number[];

export interface MachineSet {
  readonly counts: MachineCounts;
  readonly goal: number;
}

/**
 * Sets of machines whose goal lies between the two values, cheapest first; undefined where there are
 * more than `most`.
 */
export function machineSets(
  problem: PlanProblem,
  { from, below, most }: { readonly from: number; readonly below: number; readonly most: number },
): readonly MachineSet[] | undefined {
  const found: MachineSet[] = [];
  return extend([], 0) ? found.sort((a, b) => a.goal - b.goal) : undefined;

  function extend(counts: readonly number[], goal: number): boolean {
    if (counts.length === problem.machines.length) {
      if (goal > 0 && goal >= from - TIE) found.push({ counts, goal });
      return found.length <= most;
    }
    const kind = counts.length;
    const cost = machineCost(problem, kind);
    for (let count = 0; count <= problem.machines[kind]!.limit; count++) {
      const more = goal + count * cost;
      if (more >= below - TIE || count > MOST_MACHINES) break;
      if (!extend([...counts, count], more)) return false;
    }
    return true;
  }
}

/** Differences of goals below this are none. */
const TIE = 1e-9;
/** Of one kind, where machines cost nothing. */
const MOST_MACHINES = 64;
