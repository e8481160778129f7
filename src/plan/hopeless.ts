import { paceOf } from './bounds.js';
import type { Piece, Slot } from './placement.js';
import type { PlanProblem } from './problem-setting.js';
import { executionMs, frontEndTime } from './screen.js';

/**
 * Whether a device cannot do what is put on it in any case: its memory, its time even in the best of
 * the batches allowed, or the threads of its front end are too few. Sound, so that nothing that does is
 * called hopeless.
 */
export function isHopeless(problem: PlanProblem, slot: Slot): boolean {
  if (!fitsMemory(problem, slot)) return true;
  const { frontEndThreads } = problem.machines[problem.slotKinds[slot.kind]!.machine]!;
  const device = sum(slot.pieces, (piece) => leastTime(problem, slot.kind, piece));
  const frontEnd = sum(slot.pieces, (piece) => frontEndTimeOf(problem, slot.kind, piece));
  return device > paceOf(problem, slot.kind) * MARGIN || frontEnd > frontEndThreads * MARGIN;
}

/** What is offered in the run may be done a little after its end, and service times vary. */
const MARGIN = 1.1;

function sum(pieces: readonly Piece[], of: (piece: Piece) => number): number {
  return pieces.reduce((all, piece) => all + of(piece), 0);
}

function leastTime({ demands }: PlanProblem, kind: number, { demand, replicas, option }: Piece): number {
  const { profiles, ratePerS, percentile } = demands[demand]!;
  const profile = profiles[kind];
  if (profile === undefined) return Infinity;
  const sizes = [...profile.service.map(({ batchSize }) => batchSize), option.maxBatchSize];
  const best = Math.min(
    ...sizes.filter((size) => size <= option.maxBatchSize).map((size) => executionMs(profile, size) / size),
  );
  return ((ratePerS / replicas) * (percentile / 100) * best) / 1000;
}

function frontEndTimeOf({ demands }: PlanProblem, kind: number, { demand, replicas }: Piece): number {
  const { profiles, requestsPerS, requestBytes, percentile } = demands[demand]!;
  const profile = profiles[kind];
  if (profile === undefined) return Infinity;
  return frontEndTime(profile, ((requestsPerS / replicas) * percentile) / 100, requestBytes);
}

/** Whether the models that are known to need memory fit. */
export function fitsMemory(problem: PlanProblem, { kind, pieces }: Slot): boolean {
  const used = pieces.reduce((sum, { demand, option }) => {
    const memory = problem.demands[demand]!.profiles[kind]?.memory;
    return memory?.known ? sum + memory.modelMb + memory.perInstanceMb * option.instances : sum;
  }, 0);
  return used <= problem.slotKinds[kind]!.memoryMb;
}
