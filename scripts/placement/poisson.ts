import { remembered } from '../../src/base/remembered.js';
import type { SolveProgram } from '../../src/plan/integer-program.js';
import { type SetDemand, SLICE_NAMES, type SloSet } from './data.js';
import type { PoissonCapacities } from './poisson-capacities.js';
import type { ServedSlice, SliceRouting } from './scenario.js';
import { coverWithSlices, type SliceDemand, type SlicedGpu, spreadOverSlices } from './slice-cover.js';
import { judgeModel, type ModelVerdict } from './trial.js';

/** What a slice of a kind runs for a model. */
export type ServeOn = (demand: SetDemand, slice: string) => ServedSlice;

/** The slices that a placement gives to a model. */
export function slicesFor(demand: SetDemand, gpus: readonly SlicedGpu[], serveOn: ServeOn): ServedSlice[] {
  return gpus.flatMap((gpu) =>
    gpu.slices.filter(({ model }) => model === demand.model).map(({ slice }) => serveOn(demand, slice)),
  );
}

/** A placement that keeps every limit at p99 under Poisson arrivals. */
interface PoissonPlan {
  readonly gpus: readonly SlicedGpu[];
  readonly models: readonly ModelVerdict[];
}

const ROUTINGS: readonly SliceRouting[] = ['pools', 'leastOutstanding'];

/** Pooling gains at most this much over what the slices can take alone; below it nothing is tried. */
const LEAST_RATIO = 0.9;

/** A model that has missed its limit must get more than it had, by at least this factor. */
const MORE = 1.002;

/**
 * The fewest GPUs found that keep every limit when simulated, from the bound upwards. Each layout tried
 * leaves the tightest model the most room; a model that misses its limit asks for more than it had, in
 * terms of what its slices can take alone, until all keep it or the GPUs are too few. Undefined where no slice serves a model within
 * its limit.
 */
export function planForPoisson(
  set: SloSet,
  boundGpus: number,
  capacities: PoissonCapacities,
  solve: SolveProgram,
  onProgress: (what: string) => void = () => {},
): PoissonPlan | undefined {
  const judge = rememberingJudge(capacities);
  const isUnservable = (demand: SetDemand) =>
    SLICE_NAMES.every((slice) => capacities.best(demand, slice) === undefined);
  if (set.demands.some(isUnservable)) return undefined;
  const ratios = new Map(set.demands.map(({ model }) => [model, LEAST_RATIO]));
  const demands = set.demands.map((demand) => ({
    ...demand,
    capacityPerS: capacities.capacityPerS(demand),
  }));
  for (let gpus = boundGpus; ; gpus++) {
    for (;;) {
      const scaled = demands.map((demand) => ({
        ...demand,
        ratePerS: demand.ratePerS * ratios.get(demand.model)!,
      }));
      const divided = divide(scaled, gpus, solve);
      if (divided === undefined) break;
      const models = set.demands.map((demand) => judge(demand, divided));
      const missed = models.filter(({ met }) => !met);
      if (missed.length === 0) return { gpus: divided, models };
      onProgress(`${gpus} GPUs: ${missed.map(({ model }) => model).join(', ')} late`);
      for (const { model } of missed) ratios.set(model, MORE * ratioOf(model, divided));
    }
  }

  function ratioOf(model: string, gpus: readonly SlicedGpu[]): number {
    const demand = demands.find((one) => one.model === model)!;
    const slices = gpus.flatMap((gpu) => gpu.slices.filter((slice) => slice.model === model));
    return slices.reduce((sum, { slice }) => sum + demand.capacityPerS.get(slice)!, 0) / demand.ratePerS;
  }
}

/** The roomiest division of the GPUs that serves all, else any that does; undefined when there is none. */
function divide(
  demands: readonly SliceDemand[],
  gpus: number,
  solve: SolveProgram,
): readonly SlicedGpu[] | undefined {
  const spread = spreadOverSlices(demands, gpus, solve);
  if (spread.headroom >= 1) return spread.gpus;
  // Within its gap the first program may have missed the only ones.
  const cover = coverWithSlices(demands, solve, { timeLimitS: 600 });
  return cover.gpus.length > 0 && cover.gpus.length <= gpus ? cover.gpus : undefined;
}

/** Judges a model on the slices that it has, by each routing until one keeps the limit. */
function rememberingJudge(capacities: PoissonCapacities) {
  const known = new Map<string, ModelVerdict>();
  const serveOn: ServeOn = (demand, slice) => capacities.best(demand, slice)!;
  return (demand: SetDemand, gpus: readonly SlicedGpu[]): ModelVerdict => {
    const slices = slicesFor(demand, gpus, serveOn).sort((a, b) => b.perS - a.perS);
    const key = `${demand.model} ${slices.map(({ cell }) => cell.slice).join(' ')}`;
    return remembered(known, key, () => judge(demand, slices));
  };
}

/** With so few requests in time no other routing is tried: the slices are too few. */
const INFEASIBLE = 0.9;

function judge(demand: SetDemand, slices: readonly ServedSlice[]): ModelVerdict {
  let best: ModelVerdict | undefined;
  for (const routing of ROUTINGS) {
    if (best !== undefined && best.attainment.value < INFEASIBLE) break;
    const verdict = judgeModel(demand, slices, routing);
    if (best === undefined || verdict.attainment.value > best.attainment.value) best = verdict;
    if (best.met) return best;
  }
  return best!;
}
