import { InputError } from '../../src/base/problem.js';
import { executionMs } from '../../src/plan/screen.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { shippedProfile } from '../profiles/published.js';
import type { Cell } from './data.js';

/** The profile that perseus ships of a model on a slice of an A100-80GB. */
function shippedOn({ model, slice }: Cell): ModelProfile {
  const file = `a100-80gb-mig-${slice}/${model}.profile.json`;
  const profile = shippedProfile(file);
  if (profile !== undefined) return profile;
  throw InputError.of('there is no such profile: no cell of it can be placed', 'leave out the model', {
    file,
  });
}

/** Whether the shipped profile has this batch size: it leaves out what contradicts its neighbours. */
function isInProfile(cell: Cell): boolean {
  return shippedOn(cell).service.some(({ batchSize }) => batchSize === cell.batchSize);
}

/**
 * The shipped profile of the model on the slice, with the slowdown of its processes beside each
 * other as it was measured at this batch size and number of them.
 */
export function profileOf(cell: Cell): ModelProfile {
  const { batchSize, processes, ms } = cell;
  const shipped = shippedOn(cell);
  if (processes === 1) return shipped;
  const self = Math.max(1, 1 + (ms / executionMs(shipped, batchSize) - 1) / (processes - 1));
  return { ...shipped, interference: { ...shipped.interference, self } };
}

/** Time of an execution while `running` processes (this one among them) run at once. */
export function besideMs(profile: ModelProfile, batchSize: number, running: number): number {
  const slowdown = 1 + (running - 1) * ((profile.interference.self ?? 1) - 1);
  return executionMs(profile, batchSize) * slowdown;
}

/** Most processes that the source measured on a slice. */
const MOST_PROCESSES = 5;

/** A process more must cost at least this much, where the slice is full. */
const LEAST_SLOWDOWN = 1.02;

/**
 * The cells that a simulation can stand on. Left out are batch sizes that the shipped profile leaves
 * out, because they contradict their neighbours, and cells whose last process cannot have run: more
 * processes were not measured, the slice's memory being full, and it slowed down nobody.
 */
export function usableCells(cells: readonly Cell[]): readonly Cell[] {
  const byPlace = new Map(cells.map((cell) => [placeOf(cell, cell.processes), cell]));
  const lastIsMissing = (cell: Cell) => {
    const fewer = byPlace.get(placeOf(cell, cell.processes - 1));
    const isLast = cell.processes < MOST_PROCESSES && !byPlace.has(placeOf(cell, cell.processes + 1));
    return isLast && fewer !== undefined && cell.ms < LEAST_SLOWDOWN * fewer.ms;
  };
  return cells.filter((cell) => isInProfile(cell) && !lastIsMissing(cell));
}

function placeOf({ model, slice, batchSize }: Cell, processes: number): string {
  return `${model} ${slice} ${batchSize} ${processes}`;
}
