import type { Placement, Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { isCovered } from './alone-row.js';
import type { MachineCounts } from './machine-sets.js';

/** Every way to divide the GPUs of the machines, with empty slots. */
export function* divisions(problem: PlanProblem, counts: MachineCounts): Generator<Placement> {
  const kinds = counts.flatMap((count, kind) => Array.from({ length: count }, () => kind));
  const waysOf = problem.machines.map(({ wholeSlots, layouts }) => [
    ...wholeSlots.filter((slot) => !isCovered(problem, slot)).map((slot) => [slot]),
    ...layouts,
  ]);
  const gpus = kinds.flatMap((kind, machine) =>
    Array.from({ length: problem.machines[kind]!.gpus }, () => ({ kind, machine })),
  );
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
  function leastWay(ways: readonly number[]): number {
    const at = ways.length;
    return gpus[at - 1]?.kind === gpus[at]!.kind ? ways[at - 1]! : 0;
  }

  function built(ways: readonly number[]): Placement {
    return {
      machines: kinds.map((kind, machine) => ({
        kind,
        gpus: gpus.flatMap((gpu, g) =>
          gpu.machine === machine ? [{ machineKind: kind, slots: emptySlots(waysOf[kind]![ways[g]!]!) }] : [],
        ),
      })),
    };
  }
}

function emptySlots(kinds: readonly number[]): Slot[] {
  return kinds.map((kind) => ({ kind, pieces: [] }));
}
