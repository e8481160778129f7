import { summarize } from '../../src/metrics/summarize.js';
import type { SolveProgram } from '../../src/plan/integer-program.js';
import {
  coverWithSlices,
  type SliceDemand,
  type SlicedGpu,
  spreadOverSlices,
} from '../../src/plan/slice-cover.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import type { RequestLog } from '../../src/trace/request-log.js';
import { type SetDemand, SLICES, type SloSet } from './data.js';
import { LAYOUTS } from './half-slo.js';
import type { PoissonCapacities } from './poisson-capacities.js';
import { type PoissonRun, type ServedSlice, type SliceRouting, slicesScenario } from './scenario.js';

/** A model of a placement under Poisson arrivals. */
export interface ModelVerdict {
  readonly model: string;
  readonly limitMs: number;
  /** Share of the requests answered within the limit, with the ends of its 95 % interval. */
  readonly attainment: { readonly value: number; readonly low: number; readonly high: number };
  readonly p99Ms: number;
  readonly met: boolean;
}

/** What a slice of a kind runs for a model, and what part of the requests it should get. */
export type ServeOn = (model: string, slice: string) => ServedSlice;

/** Simulates a placement with Poisson arrivals at the set's rates. */
export function underPoisson(
  demands: readonly SetDemand[],
  gpus: readonly SlicedGpu[],
  serveOn: ServeOn,
  routing: SliceRouting,
  run: PoissonRun,
): readonly ModelVerdict[] {
  const slices = gpus.flatMap((gpu) =>
    gpu.slices.flatMap(({ slice, model }) => (model === undefined ? [] : [serveOn(model, slice)])),
  );
  const scenario = slicesScenario(demands, slices, routing, run);
  const tenants = demands.map(({ model, limitMs }) => ({ name: model, slo: { percentile: 99, limitMs } }));
  const log = byModel(simulate(scenario).log, scenario);
  const summary = summarize({ scenarioName: '', seed: run.seed, warmUpUs: scenario.warmUpUs, tenants, log });
  return demands.map(({ model, limitMs }) => {
    const tenant = summary.tenants.find((one) => one.tenant === model)!;
    const { attainment, met } = tenant.slo!;
    const p99Ms = tenant.latencyMs.percentiles.find(({ percentile }) => percentile === 99)!.ms.value;
    return { model, limitMs, attainment, p99Ms, met };
  });
}

/** The log with each request under the name of its model, whichever slice it went to. */
function byModel(log: RequestLog, { tenants }: Scenario): RequestLog {
  const models = [...new Set(tenants.map(({ model }) => model))];
  const modelOf = log.tenants.map((name) => models.indexOf(tenants.find((one) => one.name === name)!.model));
  return { ...log, tenants: models, tenant: log.tenant.map((tenant) => modelOf[tenant]!) };
}

/** A placement that keeps every limit at p99 under Poisson arrivals. */
export interface PoissonPlan {
  readonly gpus: readonly SlicedGpu[];
  readonly routing: SliceRouting;
  readonly verdicts: readonly ModelVerdict[];
  /** No fewer GPUs can do it: a batch takes at most the limit and nothing ever waits. */
  readonly boundGpus: number;
  /** GPUs if each slice takes what it can take alone, for comparison; pooling may need fewer. */
  readonly aloneGpus: number;
}

const MOST_ROUNDS = 4;

/**
 * The fewest GPUs found that keep every limit when simulated: from the bound upwards, the layout with
 * the most room for the tightest model; models that miss are given more weight, a few times over.
 */
export function planForPoisson(
  set: SloSet,
  capacities: PoissonCapacities,
  solve: SolveProgram,
  run: PoissonRun,
): PoissonPlan {
  const limits = { timeLimitS: 20, relativeGap: 0.02 };
  const bound = coverWithSlices(
    set.demands.map((demand) => fluidDemand(demand, capacities.cells)),
    LAYOUTS,
    solve,
    limits,
  );
  const demands = set.demands.map((demand) => aloneDemand(demand, capacities));
  const alone = coverWithSlices(demands, LAYOUTS, solve, limits);
  const limitOf = new Map(set.demands.map(({ model, limitMs }) => [model, limitMs]));
  const serveOn: ServeOn = (model, slice) => {
    const { cell, perS } = capacities.best(model, slice, limitOf.get(model)!)!;
    return { cell, weight: perS };
  };
  for (let gpus = bound.boundGpus; ; gpus++) {
    const weights = new Map<string, number>();
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const weighted = demands.map((demand) => ({
        ...demand,
        ratePerS: demand.ratePerS * (weights.get(demand.model) ?? 1),
      }));
      const spread = spreadOverSlices(weighted, LAYOUTS, gpus, solve, { timeLimitS: 2, relativeGap: 0.01 });
      if (spread.headroom < LEAST_HEADROOM) break;
      for (const routing of ROUTINGS) {
        const verdicts = underPoisson(set.demands, spread.gpus, serveOn, routing, run);
        const missed = verdicts.filter(({ met }) => !met);
        if (missed.length === 0) {
          const aloneGpus = alone.gpus.length;
          return { gpus: spread.gpus, routing, verdicts, boundGpus: bound.boundGpus, aloneGpus };
        }
        if (routing === 'byWeight') {
          for (const { model } of missed) weights.set(model, (weights.get(model) ?? 1) * REWEIGHT);
        }
      }
    }
  }
}

const ROUTINGS: readonly SliceRouting[] = ['leastOutstanding', 'byWeight'];

/** Pooling several slices gains at most this much over what each can take alone; below it nothing is tried. */
const LEAST_HEADROOM = 0.95;
const REWEIGHT = 1.02;

function fluidDemand(
  { model, ratePerS, limitMs }: SetDemand,
  cells: PoissonCapacities['cells'],
): SliceDemand {
  const most = (slice: string) =>
    cells
      .filter((cell) => cell.model === model && cell.slice === slice && cell.ms <= limitMs)
      .reduce((best, cell) => Math.max(best, cell.perS), 0);
  return {
    model,
    ratePerS,
    capacityPerS: new Map(Object.values(SLICES).map((slice) => [slice, most(slice)])),
  };
}

function aloneDemand({ model, ratePerS, limitMs }: SetDemand, capacities: PoissonCapacities): SliceDemand {
  const slices = Object.values(SLICES);
  return {
    model,
    ratePerS,
    capacityPerS: new Map(slices.map((slice) => [slice, capacities.best(model, slice, limitMs)?.perS ?? 0])),
  };
}
