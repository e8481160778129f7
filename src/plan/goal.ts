import type { Placement } from './placement.js';
import type { PlanProblem } from './problem-setting.js';

/** What one machine of a kind adds to the goal, which is minimised: dollars per hour or GPUs; the other breaks ties. */
export function machineCost({ spec, machines }: PlanProblem, kind: number): number {
  const { machine, gpus } = machines[kind]!;
  if (spec.goal === 'cost') return machine.usdPerHour + gpus * TIE;
  const dearest = Math.max(...machines.map(({ machine: { usdPerHour } }) => usdPerHour));
  return gpus + TIE * machine.usdPerHour * Math.min(1, TIE_MOST_USD / dearest);
}

/** Small enough never to outweigh a cent or a GPU. */
const TIE = 1e-6;
/** Dearer machines are made that much cheaper, all by the same factor, where prices only break ties. */
const TIE_MOST_USD = 10;

/** Goals that differ by less, in dollars per hour or GPUs, are the same but for what breaks ties. */
export const LEAST_GAIN = 1e-3;

/** The goal of a placement: what its machines cost, or their GPUs. */
export function goalOf(problem: PlanProblem, { machines }: Placement): number {
  return machines.reduce((sum, { kind }) => sum + machineCost(problem, kind), 0);
}

export function usdPerHourOf(problem: PlanProblem, placement: Placement): number {
  return placement.machines.reduce((sum, { kind }) => sum + problem.machines[kind]!.machine.usdPerHour, 0);
}
