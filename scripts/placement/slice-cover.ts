import {
  type IntegerProgram,
  ProgramBuilder,
  type SolveLimits,
  type SolveProgram,
} from '../../src/plan/integer-program.js';
import { fullLayouts, type SliceSet } from '../../src/plan/mig-layouts.js';
import { type MigSlice, migLayout } from '../../src/scenario/mig.js';
import { SLICE_NAMES } from './data.js';

/** How an A100-80GB can be divided at all. */
export const A100 = migLayout('A100-80GB')!;

/** A slice of it; undefined where it has none of that name. */
export function sliceNamed(name: string): MigSlice | undefined {
  return A100.slices.find((slice) => slice.name === name);
}

/** Every full division of it into slices of which there are measurements. */
export const LAYOUTS: readonly SliceSet[] = fullLayouts(A100, SLICE_NAMES);

/** A model's load and what one slice of each kind can take of it, all in the same unit (inferences/s). */
export interface SliceDemand {
  readonly model: string;
  readonly ratePerS: number;
  /** By name of the slice; a slice that is missing or 0 cannot serve it. */
  readonly capacityPerS: ReadonlyMap<string, number>;
}

/** One GPU of the answer: its slices and the model on each; a slice without one is idle. */
export interface SlicedGpu {
  readonly slices: readonly { readonly slice: string; readonly model?: string }[];
}

export interface SliceCover {
  readonly status: 'optimal' | 'feasible' | 'infeasible' | 'unknown';
  readonly gpus: readonly SlicedGpu[];
  /** No fewer GPUs can do it, under the same capacities. */
  readonly boundGpus: number;
  /** Models that no slice can serve, whatever their number. */
  readonly unservable: readonly string[];
}

/**
 * The fewest GPUs whose slices serve every model, one model to a slice: an integer program over the
 * {@link LAYOUTS} that the hardware allows (how many GPUs have each) and the slices that each model takes.
 * GPUs of one layout are interchangeable and only counted, so that no symmetry is left to search.
 */
export function coverWithSlices(
  demands: readonly SliceDemand[],
  solve: SolveProgram,
  limits: SolveLimits,
): SliceCover {
  const unservable = demands.filter(isUnservable).map(({ model }) => model);
  if (unservable.length > 0) return { status: 'infeasible', gpus: [], boundGpus: Infinity, unservable };
  const cover = coverProgram(demands);
  const { status, values, bound } = solve(cover.program, limits);
  return {
    status,
    gpus: values.length === 0 ? [] : assign(demands, cover, values),
    boundGpus: Math.ceil(bound - ROUNDING),
    unservable,
  };
}

/**
 * The layouts and slices of a given number of GPUs that leave the model with the least room the most:
 * `headroom` is the smallest capacity over rate, below 1 where the GPUs are too few.
 */
export function spreadOverSlices(
  demands: readonly SliceDemand[],
  gpus: number,
  solve: SolveProgram,
): { readonly gpus: readonly SlicedGpu[]; readonly headroom: number } {
  const cover = coverProgram(demands, gpus);
  const { values, objective } = solve(cover.program, SPREAD_LIMITS);
  if (values.length === 0) return { gpus: [], headroom: 0 };
  return { gpus: assign(demands, cover, values), headroom: -objective };
}

/** The gap, not the time, ends the solver: the same placement on every machine. */
const SPREAD_LIMITS = { timeLimitS: 600, relativeGap: 0.02 };

/** A solver's bound on a whole number may lie this far above it. */
const ROUNDING = 1e-6;

function isUnservable({ ratePerS, capacityPerS }: SliceDemand): boolean {
  return ratePerS > 0 && [...capacityPerS.values()].every((capacity) => !(capacity > 0));
}

/** `sliceVariables[demand]` has the variable of each slice that can serve the demand. */
interface CoverProgram {
  readonly program: IntegerProgram;
  readonly layoutVariables: readonly number[];
  readonly sliceVariables: readonly ReadonlyMap<string, number>[];
}

/** With `gpus`, that number of GPUs is given and the headroom is to be as large as can be. */
function coverProgram(demands: readonly SliceDemand[], gpus?: number): CoverProgram {
  const builder = new ProgramBuilder();
  const layoutVariables = LAYOUTS.map(() => builder.count(gpus === undefined ? 1 : 0));
  const headroom = gpus === undefined ? undefined : builder.amount(-1);
  if (gpus !== undefined) {
    builder.atLeast(
      -gpus,
      layoutVariables.map((variable) => ({ variable, coefficient: -1 })),
    );
  }
  const names = [...new Set(LAYOUTS.flatMap((layout) => layout.map(({ name }) => name)))];
  const sliceVariables = demands.map(({ capacityPerS }) => {
    const usable = names.filter((name) => (capacityPerS.get(name) ?? 0) > 0);
    return new Map(usable.map((name) => [name, builder.count(0)]));
  });
  for (const [d, { ratePerS, capacityPerS }] of demands.entries()) {
    const terms = [...sliceVariables[d]!].map(([name, variable]) => ({
      variable,
      // In shares of the rate, so that rows of very different rates are of one size.
      coefficient: capacityPerS.get(name)! / Math.max(ratePerS, Number.MIN_VALUE),
    }));
    if (ratePerS === 0) continue;
    if (headroom === undefined) builder.atLeast(1, terms);
    else builder.atLeast(0, [...terms, { variable: headroom, coefficient: -1 }]);
  }
  for (const name of names) {
    const supply = LAYOUTS.flatMap((layout, i) => {
      const count = layout.filter((slice) => slice.name === name).length;
      return count === 0 ? [] : [{ variable: layoutVariables[i]!, coefficient: count }];
    });
    const use = sliceVariables.flatMap((variables) => {
      const variable = variables.get(name);
      return variable === undefined ? [] : [{ variable, coefficient: -1 }];
    });
    builder.atLeast(0, [...supply, ...use]);
  }
  return { program: builder.build(), layoutVariables, sliceVariables };
}

/** Hands the slices of the GPUs to the models; equal slices are interchangeable. */
function assign(
  demands: readonly SliceDemand[],
  { layoutVariables, sliceVariables }: CoverProgram,
  values: readonly number[],
): SlicedGpu[] {
  const waiting = new Map<string, string[]>();
  for (const [d, variables] of sliceVariables.entries()) {
    for (const [name, variable] of variables) {
      const models = Array<string>(Math.round(values[variable]!)).fill(demands[d]!.model);
      waiting.set(name, [...(waiting.get(name) ?? []), ...models]);
    }
  }
  return LAYOUTS.flatMap((layout, i) =>
    Array.from({ length: Math.round(values[layoutVariables[i]!]!) }, () => ({
      slices: layout.map(({ name }) => {
        const model = waiting.get(name)?.shift();
        return { slice: name, ...(model !== undefined && { model }) };
      }),
    })),
  );
}
