import { remembered } from '../../base/remembered.js';
import type { TracedExecution } from './executions.js';

/** Time that one execution's inference phase spent beside others. */
export interface StateTime {
  /** Which state: an index into {@link CoRunning.states}. */
  readonly state: number;
  readonly ns: number;
}

/** Who ran beside whom, and for how long. */
export interface CoRunning {
  /** Each state: how many executions of each model ran at once, oneself not counted. */
  readonly states: readonly (readonly number[])[];
  /** For each execution in the order given, the time spent in each state; together its inference phase. */
  readonly times: readonly (readonly StateTime[])[];
}

/**
 * Sweeps over the inference phases of all executions on one device. Only that phase is on the device;
 * the copies before and after it are the instance's own (as in the simulator).
 *
 * @param executions with `kind`, the index of their model among `kinds`
 */
export function coRunning(
  executions: readonly (Pick<TracedExecution, 'inputEndNs' | 'outputStartNs'> & { readonly kind: number })[],
  kinds: number,
): CoRunning {
  const states = new StateTable();
  const times = executions.map(() => new Map<number, number>());
  const counts = new Array<number>(kinds).fill(0);
  const active = new Set<number>();
  let lastNs = 0;
  for (const { atNs, index, isStart } of changes(executions)) {
    if (atNs > lastNs) {
      for (const each of active) {
        const state = states.indexOf(counts, executions[each]!.kind);
        times[each]!.set(state, (times[each]!.get(state) ?? 0) + atNs - lastNs);
      }
    }
    lastNs = atNs;
    counts[executions[index]!.kind]! += isStart ? 1 : -1;
    if (isStart) active.add(index);
    else active.delete(index);
  }
  return {
    states: states.list,
    times: times.map((byState) => [...byState].map(([state, ns]) => ({ state, ns }))),
  };
}

interface Change {
  readonly atNs: number;
  readonly index: number;
  readonly isStart: boolean;
}

/** Starts and ends in order of time; at one instant ends come first, so that neighbours do not overlap. */
function changes(
  executions: readonly Pick<TracedExecution, 'inputEndNs' | 'outputStartNs'>[],
): readonly Change[] {
  const list = executions.flatMap(({ inputEndNs, outputStartNs }, index): Change[] =>
    outputStartNs > inputEndNs
      ? [
          { atNs: inputEndNs, index, isStart: true },
          { atNs: outputStartNs, index, isStart: false },
        ]
      : [],
  );
  return list.sort((a, b) => a.atNs - b.atNs || Number(a.isStart) - Number(b.isStart) || a.index - b.index);
}

/** The states seen so far, by their counts. */
class StateTable {
  readonly list: (readonly number[])[] = [];
  readonly #known = new Map<string, number>();

  /** The state of an execution of kind `own` while `counts` run, itself among them. */
  indexOf(counts: readonly number[], own: number): number {
    const others = counts.with(own, counts[own]! - 1);
    return remembered(this.#known, others.join(' '), () => this.list.push(others) - 1);
  }
}
