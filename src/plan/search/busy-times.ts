import { remembered } from '../../base/remembered.js';
import { inferencesPerRequest } from '../bound/least-load.js';
import type { Slot } from '../placement.js';
import type { Day, PlanProblem } from '../problem-setting.js';
import { sharersOf } from '../replicas.js';
import { executionMs } from '../screen.js';

/** Parts into which what counts of a run is divided. */
const PARTS = 64;
/** How many times as much as at the beginning another part must have to do; less is chance. */
const BUSIER = 1.1;

/** Knows when the models of a device have most to do, so that a short look is taken at that time. */
export class BusyTimes {
  readonly #problem: PlanProblem;
  readonly #inferences = new Map<string, Float64Array>();

  constructor(problem: PlanProblem) {
    this.#problem = problem;
  }

  /**
   * Second of the run at which the busiest part of that length begins, by the time of the device that its requests take: the
   * end of the warm-up, unless another part has clearly more to do.
   */
  busiestS(slot: Slot, day: Day, lengthS: number): number {
    const { spec, warmUpS } = this.#problem;
    const partS = (spec.durationS - warmUpS) / PARTS;
    const length = Math.ceil(lengthS / partS);
    const work = this.#workOf(slot, day);
    const sums = Array.from({ length: Math.max(1, PARTS - length + 1) }, (_, from) =>
      work.slice(from, from + length).reduce((sum, one) => sum + one, 0),
    );
    const most = Math.max(...sums);
    if (most <= sums[0]! * BUSIER) return warmUpS;
    return Math.max(warmUpS, Math.min(warmUpS + sums.indexOf(most) * partS, spec.durationS - lengthS));
  }

  /** By part of the run. */
  #workOf({ kind, modelReplicas }: Slot, day: Day): number[] {
    const { workloads, spec } = this.#problem;
    const work = Array.from({ length: PARTS }, () => 0);
    for (const modelReplica of modelReplicas) {
      const { tenants, profiles } = workloads[modelReplica.workload]!;
      const { maxBatchSize } = modelReplica.option;
      const ms =
        executionMs(profiles[kind]!, maxBatchSize) / maxBatchSize / sharersOf(spec.survive, modelReplica);
      for (const t of tenants) {
        for (const [part, inferences] of this.#inferencesOf(day, t).entries()) work[part]! += inferences * ms;
      }
    }
    return work;
  }

  #inferencesOf(day: Day, t: number): Float64Array {
    return remembered(this.#inferences, `${day.name}/${t}`, () => {
      const { spec, warmUpS } = this.#problem;
      const { arrivalUs, batchSize } = day.traces[t]!;
      const each = inferencesPerRequest(spec.tenants[t]!);
      const counts = new Float64Array(PARTS);
      const partUs = ((spec.durationS - warmUpS) * 1e6) / PARTS;
      for (const [i, us] of arrivalUs.entries()) {
        const part = Math.floor((us - warmUpS * 1e6) / partUs);
        if (part >= 0 && part < PARTS) counts[part]! += batchSize?.[i] ?? each;
      }
      return counts;
    });
  }
}
