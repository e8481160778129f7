import type { PriceBook } from '../../src/cost/price-book.js';
import type { SolveProgram } from '../../src/plan/integer-program.js';
import { shippedProfile } from '../profiles/published.js';
import { sharingGain } from '../seed/cost.js';
import type { FrontierPoint } from '../seed/measured.js';
import { mostOf, predictedFrontier, type Throughputs, throughputs } from '../seed/predict-frontier.js';
import type { Profiles } from '../seed/predict-tests.js';
import type { Setups } from '../seed/setups.js';
import { gpusFor } from './mixed-fleet.js';

/** What the seed's question is asked of: a GPU, its profiles, its price. */
export interface SeedGpu {
  readonly name: 'P4' | 'T4';
  readonly profiles: string;
  readonly sku: string;
  readonly measuredAs: string;
}

export const SEED_GPUS: readonly SeedGpu[] = [
  { name: 'P4', profiles: 'p4', sku: 'gpu-P4', measuredAs: 'Tesla P4' },
  { name: 'T4', profiles: 't4-seed', sku: 'gpu-T4', measuredAs: 'Tesla T4' },
];

/** Dollars per million inferences of a mix, in a fleet so large that whole GPUs do not matter. */
export interface MixCost {
  /** ResNet-50's part of the inferences, 0 … 1; Inception-V3 has the rest. */
  readonly resnet50Share: number;
  /** Every GPU serves one tenant. */
  readonly dedicatedUsd: number;
  /** Every GPU serves both tenants in this mix. */
  readonly togetherUsd: number;
  /** The cheapest fleet of GPUs with one tenant and with two. */
  readonly bestUsd: number;
}

/** The same question for whole GPUs that serve a load together. */
interface FleetCost {
  readonly inferencesPerS: number;
  /** Over the mixes: mean and largest part of the GPUs that sharing saves, and in how many it saves any. */
  readonly meanSaving: number;
  readonly largestSaving: number;
  readonly mixesThatSave: number;
}

export interface SeedAnswer {
  readonly gpu: SeedGpu;
  readonly usdPerHour: number;
  readonly priceSource: string;
  /** What it completes of each model alone. */
  readonly alone: Throughputs;
  readonly mixes: readonly MixCost[];
  /** The paper's points with two tenants, as costs at the same price. */
  readonly paper: readonly MixCost[];
  readonly fleets: readonly FleetCost[];
}

const MIXES = Array.from({ length: 51 }, (_, i) => i / 50);
const FLEET_LOADS = [100, 200, 500, 1000, 5000];

/** Answers the question for one GPU by simulation and by the planner's integer program. */
export function answerSeedQuestion(
  gpu: SeedGpu,
  given: {
    readonly setups: Setups;
    readonly prices: PriceBook;
    readonly measured: readonly FrontierPoint[];
    readonly solve: SolveProgram;
  },
): SeedAnswer {
  const frontier = predictedFrontier(
    { gpus: 1, profiles: readProfiles(gpu), setups: given.setups },
    HELD_SHARES,
  );
  const { usdPerHour, priceSource } = sharingGain(given.prices, {
    name: gpu.name,
    gpuSku: gpu.sku,
    frontier,
  });
  const ofPaper = given.measured
    .filter((point) => point.gpu === gpu.measuredAs && point.gpus === 1)
    .map(throughputs);
  const cost = (uses: readonly Throughputs[], share: number) => mixCost(share, uses, usdPerHour, given.solve);
  return {
    gpu,
    usdPerHour,
    priceSource,
    alone: mostOf(frontier),
    mixes: MIXES.map((share) => cost(frontier, share)),
    paper: ofPaper.filter(isShared).map((rates) => cost(ofPaper, shareOf(rates))),
    fleets: FLEET_LOADS.map((load) => fleetCost(load, frontier, given.solve)),
  };
}

function readProfiles({ profiles }: SeedGpu): Profiles {
  const models = ['resnet50', 'inception-v3'];
  return new Map(models.map((model) => [model, shippedProfile(`${profiles}/${model}.profile.json`)!]));
}

/** Shares of what a model completes alone at which it is held along the frontier. */
const HELD_SHARES = Array.from({ length: 14 }, (_, i) => (i + 1) / 20);

function mixCost(
  resnet50Share: number,
  frontier: readonly Throughputs[],
  usdPerHour: number,
  solve: SolveProgram,
): MixCost {
  const usd = (gpus: number) => (1e6 * gpus * usdPerHour) / 3600;
  const { dedicated, best } = fleetsFor(resnet50Share, 1, frontier, { solve, whole: false });
  return {
    resnet50Share,
    dedicatedUsd: usd(dedicated),
    togetherUsd: usd(1 / togetherPerS(resnet50Share, frontier)),
    bestUsd: usd(best),
  };
}

function fleetCost(inferencesPerS: number, frontier: readonly Throughputs[], solve: SolveProgram): FleetCost {
  const savings = MIXES.map((share) => {
    const { dedicated, best } = fleetsFor(share, inferencesPerS, frontier, { solve, whole: true });
    return 1 - best / dedicated;
  });
  return {
    inferencesPerS,
    meanSaving: savings.reduce((sum, saving) => sum + saving, 0) / savings.length,
    largestSaving: Math.max(...savings),
    mixesThatSave: savings.filter((saving) => saving > 0).length,
  };
}

/** GPUs for so many inferences of a mix where each serves one tenant, and where those that pay serve both. */
function fleetsFor(
  resnet50Share: number,
  perS: number,
  frontier: readonly Throughputs[],
  { solve, whole }: { readonly solve: SolveProgram; readonly whole: boolean },
) {
  const need = [resnet50Share * perS, (1 - resnet50Share) * perS];
  const uses = (points: readonly Throughputs[]) =>
    points.map((rates) => [rates.resnet50, rates['inception-v3']]);
  const alone = frontier.filter((rates) => !isShared(rates));
  return {
    dedicated: gpusFor(need, uses(alone), solve, { whole }),
    best: gpusFor(need, uses(frontier), solve, { whole }),
  };
}

/** What one GPU completes of both in this mix: where its ray meets the frontier. */
export function togetherPerS(resnet50Share: number, frontier: readonly Throughputs[]): number {
  for (const [i, b] of frontier.entries()) {
    const a = frontier[i - 1];
    if (a === undefined || shareOf(b) < resnet50Share) continue;
    // Of a + t (b - a), the part of ResNet-50 is the share asked for.
    const excess = ({ resnet50, 'inception-v3': inception }: Throughputs) =>
      (1 - resnet50Share) * resnet50 - resnet50Share * inception;
    const t = excess(a) === excess(b) ? 1 : excess(a) / (excess(a) - excess(b));
    return totalOf(a) + t * (totalOf(b) - totalOf(a));
  }
  throw new Error(`no point of the frontier has ${resnet50Share} of ResNet-50`);
}

function isShared(rates: Throughputs): boolean {
  return rates.resnet50 > 0 && rates['inception-v3'] > 0;
}

function shareOf(rates: Throughputs): number {
  return rates.resnet50 / totalOf(rates);
}

function totalOf(rates: Throughputs): number {
  return rates.resnet50 + rates['inception-v3'];
}
