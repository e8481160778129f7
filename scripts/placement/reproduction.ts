import type { SolveProgram } from '../../src/plan/integer-program.js';
import type { Cell, SloSet } from './data.js';
import { bestCell, type HalfSloPlan, halfSloDemands, planHalfSlo } from './half-slo.js';
import { planForPoisson, type ServeOn, slicesFor } from './poisson.js';
import { boundForP99, type PoissonCapacities } from './poisson-capacities.js';
import type { SliceRouting } from './scenario.js';
import type { SeedAnswer } from './seed-question.js';
import { type SlicedGpu, spreadOverSlices } from './slice-cover.js';
import { judgeModel, type ModelVerdict } from './trial.js';

/** A placement, what runs on its slices, and how it fares under Poisson arrivals. */
export interface TriedPlacement {
  readonly name: PlacementName;
  readonly gpus: readonly SlicedGpu[];
  readonly serveOn: ServeOn;
  readonly models: readonly ModelVerdict[];
}

/**
 * - `fewest`: fewest GPUs under the half-SLO assumption, requests split by what the slices complete.
 * - `fewest, pooled`: the same placement, requests to the least loaded slice of a kind.
 * - `roomiest, pooled`: as many GPUs, divided so that the tightest model has the most room.
 * - `p99`: fewest GPUs found that meet every SLO at p99.
 */
export type PlacementName = 'fewest' | 'fewest, pooled' | 'roomiest, pooled' | 'p99';

/** All answers about one set. */
export interface SetAnswer {
  readonly set: SloSet;
  readonly half: HalfSloPlan;
  /** The half-SLO placements under Poisson arrivals. */
  readonly tried: readonly TriedPlacement[];
  /** No fewer GPUs can meet every SLO at p99. */
  readonly boundGpus: number;
  /** Absent = some model cannot keep its limit on any slice. */
  readonly p99?: TriedPlacement;
}

/** Everything the reproduction says. */
export interface PlacementReproduction {
  readonly sets: readonly SetAnswer[];
  readonly seed: readonly SeedAnswer[];
  /** Measured cells that the simulations leave out. */
  readonly leftOut: number;
  /** GPUs for each set under the half-SLO assumption without those cells. */
  readonly halfSloWithoutThem: readonly number[];
}

export interface PlacementTools {
  /** As measured. */
  readonly cells: readonly Cell[];
  /** Found by simulation of the cells that a simulation can stand on. */
  readonly capacities: PoissonCapacities;
  readonly solve: SolveProgram;
  readonly onProgress: (what: string) => void;
}

export function answerSet(set: SloSet, tools: PlacementTools): SetAnswer {
  const { cells, capacities, solve, onProgress } = tools;
  onProgress(`${set.name}: fewest GPUs under the half-SLO assumption`);
  const half = planHalfSlo(set, cells, solve);
  onProgress(`${set.name}: that placement under Poisson arrivals`);
  const tried = half.cover.gpus.length === 0 ? [] : tryHalfSlo(set, half, tools);
  onProgress(`${set.name}: what each slice takes of Poisson arrivals`);
  const boundGpus = boundForP99(set, capacities.cells, solve);
  const plan = planForPoisson(set, boundGpus, capacities, solve, (what) =>
    onProgress(`${set.name}: ${what}`),
  );
  const serveOn: ServeOn = (demand, slice) => capacities.best(demand, slice)!;
  return { set, half, tried, boundGpus, ...(plan && { p99: { name: 'p99', serveOn, ...plan } }) };
}

function tryHalfSlo(
  set: SloSet,
  { cover }: HalfSloPlan,
  { cells, solve }: PlacementTools,
): readonly TriedPlacement[] {
  const serveOn: ServeOn = (demand, slice) => {
    const cell = bestCell(demand, slice, cells)!;
    return { cell, perS: cell.perS };
  };
  const tryOn = (name: PlacementName, gpus: readonly SlicedGpu[], routing: SliceRouting): TriedPlacement => ({
    ...{ name, gpus, serveOn },
    models: set.demands.map((demand) => judgeModel(demand, slicesFor(demand, gpus, serveOn), routing)),
  });
  const demands = halfSloDemands(set, cells);
  const roomiest = spreadOverSlices(demands, cover.gpus.length, solve);
  return [
    tryOn('fewest', cover.gpus, 'inProportion'),
    tryOn('fewest, pooled', cover.gpus, 'pools'),
    tryOn('roomiest, pooled', roomiest.gpus, 'pools'),
  ];
}

/** Part of the models that miss their SLO. */
export function shareMissing({ models }: TriedPlacement): number {
  return models.filter(({ met }) => !met).length / models.length;
}

/** Share of all requests that are answered in time. */
export function overallAttainment({ models }: TriedPlacement): number {
  const rate = models.reduce((sum, { ratePerS }) => sum + ratePerS, 0);
  return models.reduce((sum, { ratePerS, attainment }) => sum + ratePerS * attainment.value, 0) / rate;
}

export function worstModel({ models }: TriedPlacement): ModelVerdict {
  return models.reduce((worst, model) => (model.attainment.value < worst.attainment.value ? model : worst));
}

/** How far a number of GPUs is above its bound, percent. */
export function gapPercent(gpus: number, boundGpus: number): number {
  return 100 * (gpus / boundGpus - 1);
}
