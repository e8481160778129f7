import type { Placement, Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { isCovered } from './alone-row.js';
import type { MachineCounts } from './machine-sets.js';

/**
 * Every way to divide the GPUs of the machines, with empty slots. Which of them are in one machine counts only where that may
 * be lost.
 */
export function* divisions(problem: PlanProblem, counts: MachineCounts): Generator<Placement> {
  const kinds = counts.flatMap((count, kind) => Array.from({ length: count }, () => kind));
  const waysOf = problem.machines.map(({ wholeSlots, layouts }) => [
    ...wholeSlots.filter((slot) => !isCovered(problem, slot)).map((slot) => [slot]),
    ...layouts,
  ]);
  const gpus = kinds.flatMap((kind, machine) =>
    Array.from({ length: problem.machines[kind]!.gpus }, (_, place) => ({ kind, machine, place })),
  );
  const leastWay = problem.spec.survive === 'machine' ? leastWayInMachine : leastWayInKind;
  yield* divide([]);

  function* divide(ways: readonly number[]): Generator<Placement> {
    const gpu = gpus[ways.length];
    if (gpu === undefined) {
      yield built(ways);
      return;
    }
    for (let way = leastWay(ways); way < waysOf[gpu.kind]!.length; way++) yield* divide([...ways, way]);
  }

  /** Ways ascend over all GPUs of a kind, so that no set of them comes twice. */
  function leastWayInKind(ways: readonly number[]): number {
    const at = ways.length;
    return gpus[at - 1]?.kind === gpus[at]!.kind ? ways[at - 1]! : 0;
  }

  /** Ways ascend within each machine, and machines of a kind as words do. */
  function leastWayInMachine(ways: readonly number[]): number {
    const at = ways.length;
    const { kind, place } = gpus[at]!;
    const least = place > 0 ? ways[at - 1]! : 0;
    const twin = at - problem.machines[kind]!.gpus;
    if (gpus[twin]?.kind !== kind) return least;
    const isAlike = ways.slice(twin - place, twin).every((way, i) => way === ways[at - place + i]);
    return isAlike ? Math.max(least, ways[twin]!) : least;
  }

  function built(ways: readonly number[]): Placement {
    return {
      machines: kinds.map((kind, machine) => ({
        kind,
        gpus: gpus.flatMap((gpu, g) =>
          gpu.machine === machine ? [emptySlots(waysOf[kind]![ways[g]!]!)] : [],
        ),
      })),
    };
  }
}

function emptySlots(kinds: readonly number[]): Slot[] {
  return kinds.map((kind) => ({ kind, modelReplicas: [] }));
}
