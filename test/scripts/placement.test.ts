import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { usableCells } from '../../scripts/placement/cell-profile.js';
import {
  CELLS,
  type Cell,
  readCells,
  readSloSets,
  SETS,
  SLICE_NAMES,
  type SloSet,
} from '../../scripts/placement/data.js';
import { bestCell, type HalfSloPlan, planHalfSlo } from '../../scripts/placement/half-slo.js';
import { gpusFor } from '../../scripts/placement/mixed-fleet.js';
import { mostInTimePerS } from '../../scripts/placement/poisson-capacities.js';
import { togetherPerS } from '../../scripts/placement/seed-question.js';
import { A100, LAYOUTS, sliceNamed } from '../../scripts/placement/slice-cover.js';
import { judgeModel, tryModel } from '../../scripts/placement/trial.js';
import { loadSolver } from '../../src/node/plan/highs.js';
import type { SolveProgram } from '../../src/plan/integer-program.js';
import { fitsTogether, placesTogether } from '../../src/scenario/mig.js';
import { IS_SLOW } from '../support/cases.js';

const DATA = '../shared/data';
const isThere = [CELLS, SETS].every((file) => existsSync(join(DATA, file)));
const placesOf = (names: readonly string[]) =>
  placesTogether(
    names.map((name) => sliceNamed(name)!),
    A100,
  );

/** Two tests look at the same plans: all in the slow suite, those of few GPUs in the quick one. */
let plans: { set: SloSet; plan: HalfSloPlan }[] | undefined;
const planned = (cells: readonly Cell[]) => {
  const sets = readSloSets(DATA, cells).slice(0, IS_SLOW ? undefined : 4);
  plans ??= sets.map((set) => ({ set, plan: planHalfSlo(set, cells, solve) }));
  return plans;
};

let solve: SolveProgram;
beforeAll(async () => {
  solve = await loadSolver();
});

describe(`ParvaGPU's SLO sets${isThere ? '' : ` (skipped: ${DATA} is not there)`}`, () => {
  it.skipIf(!isThere)('need no more A100s than it did, and as few as compute slices alone allow', () => {
    const cells = readCells(DATA);
    const plans = planned(cells);
    for (const { set, plan } of plans) {
      expect(plan.cover.status, set.name).toBe('optimal');
      expect(plan.cover.gpus.length, set.name).toBeLessThanOrEqual(set.parvaGpuGpus!);
      expect(plan.cover.gpus.length, set.name).toBe(plan.sliceBoundGpus);
    }
    expect(plans.map(({ plan }) => plan.cover.gpus.length)).toEqual(
      [2, 3, 5, 7, 12, 15].slice(0, plans.length),
    );
    expect(plans).toHaveLength(IS_SLOW ? 6 : 4);
  });

  it.skipIf(!isThere)('are placed on slices that an A100 has room for and that complete every rate', () => {
    const cells = readCells(DATA);
    for (const {
      set,
      plan: { cover },
    } of planned(cells)) {
      for (const gpu of cover.gpus) {
        expect(placesOf(gpu.slices.map(({ slice }) => slice))).toBeDefined();
      }
      const slices = cover.gpus.flatMap((gpu) => gpu.slices);
      for (const demand of set.demands) {
        const own = slices.filter(({ model }) => model === demand.model);
        const chosen = own.map(({ slice }) => bestCell(demand, slice, cells)!);
        expect(chosen.every(({ ms }) => ms <= demand.limitMs / 2)).toBe(true);
        const perS = chosen.reduce((sum, cell) => sum + cell.perS, 0);
        expect(perS, `${set.name} ${demand.model}`).toBeGreaterThanOrEqual(demand.ratePerS);
      }
    }
  });

  it.skipIf(!isThere)('leave out few cells: those that contradict their neighbours', () => {
    const cells = readCells(DATA);
    const usable = new Set(usableCells(cells));
    const left = cells.filter((cell) => !usable.has(cell));
    expect(left.length).toBeLessThan(cells.length / 100);
    expect(left).toContainEqual(
      expect.objectContaining({ model: 'mobilenetv2', slice: '4g.40gb', batchSize: 256, processes: 2 }),
    );
  });
});

describe('the places of slices on a GPU', () => {
  it('are there exactly when the slices fit together, and never overlap', () => {
    const names = A100.slices.map(({ name }) => name);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 8 }), (chosen) => {
        const slices = chosen.map((name) => A100.slices.find((slice) => slice.name === name)!);
        const starts = placesOf(chosen);
        expect(starts !== undefined).toBe(fitsTogether(slices, A100));
        if (starts === undefined) return;
        const taken = slices.flatMap((slice, i) =>
          Array.from({ length: slice.memorySlices }, (_, k) => starts[i]! + k),
        );
        expect(new Set(taken).size).toBe(taken.length);
        expect(Math.max(...taken)).toBeLessThan(A100.memorySlices);
      }),
    );
  });

  it('exist for every full layout, of measured slices only', () => {
    for (const layout of LAYOUTS) {
      const names = layout.map(({ name }) => name);
      expect(placesOf(names), names.join(' ')).toBeDefined();
      expect(names.every((name) => SLICE_NAMES.includes(name))).toBe(true);
    }
  });
});

/** One process with batches of 8, as the shipped profile has it. */
const CELL: Cell = {
  model: 'resnet50',
  slice: '1g.10gb',
  batchSize: 8,
  processes: 1,
  ms: 22.33,
  perS: 358.3,
};
const SLICE = { cell: CELL, perS: 300 };

describe('a model under Poisson arrivals', () => {
  it('meets its SLO with room to spare and misses it beyond what its slices complete', () => {
    const demand = { model: 'resnet50', ratePerS: 150, limitMs: 200 };
    expect(judgeModel(demand, [SLICE], 'inProportion').met).toBe(true);
    const late = judgeModel({ ...demand, ratePerS: 500 }, [SLICE], 'inProportion');
    expect(late.met).toBe(false);
    expect(late.attainment.value).toBeLessThan(0.5);
  });

  it('is answered sooner when equal slices share one queue of requests than when each has its own', () => {
    const demand = { model: 'resnet50', ratePerS: 1000, limitMs: 60 };
    const slices = [SLICE, SLICE, SLICE, SLICE];
    const length = { requests: 8000, limits: 40 };
    const split = tryModel(demand, slices, 'inProportion', length, 1);
    const pooled = tryModel(demand, slices, 'pools', length, 1);
    expect(pooled.p99Ms).toBeLessThan(split.p99Ms);
  });

  it('gives the same figures at each run', () => {
    const demand = { model: 'resnet50', ratePerS: 250, limitMs: 60 };
    const run = () => tryModel(demand, [SLICE], 'pools', { requests: 2000, limits: 40 }, 7);
    expect(run()).toEqual(run());
  });

  it('is never served faster than the bound says', () => {
    const most = mostInTimePerS({ model: 'resnet50', limitMs: 60, ratePerS: 1 }, '1g.10gb', [CELL]);
    const demand = { model: 'resnet50', ratePerS: 1.02 * most, limitMs: 60 };
    const { attainment } = tryModel(demand, [SLICE], 'pools', { requests: 8000, limits: 40 }, 1);
    expect(attainment).toBeLessThan(0.99);
  });
});

describe('a fleet of GPUs with one tenant or two', () => {
  it('needs no more GPUs when more ways to use them are allowed, and whole ones no fewer than parts', () => {
    const rate = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(rate, rate, fc.array(fc.tuple(rate, rate), { maxLength: 4 }), (a, b, shared) => {
        const alone = [
          [200, 0],
          [0, 150],
        ];
        const fewer = gpusFor([a, b], [...alone, ...shared], solve, { whole: true });
        expect(fewer).toBeLessThanOrEqual(gpusFor([a, b], alone, solve, { whole: true }));
        expect(fewer).toBeGreaterThanOrEqual(
          gpusFor([a, b], [...alone, ...shared], solve, { whole: false }) - 1e-6,
        );
      }),
      { numRuns: 50 },
    );
  });

  it('counts one GPU for each tenant alone, in whole GPUs', () => {
    const uses = [
      [200, 0],
      [0, 150],
    ];
    expect(gpusFor([201, 150], uses, solve, { whole: true })).toBe(3);
    expect(gpusFor([100, 75], uses, solve, { whole: false })).toBeCloseTo(1, 9);
  });

  it('completes of a mix what the frontier has on its ray', () => {
    const frontier = [
      { resnet50: 0, 'inception-v3': 100 },
      { resnet50: 100, 'inception-v3': 80 },
      { resnet50: 200, 'inception-v3': 0 },
    ];
    expect(togetherPerS(0, frontier)).toBeCloseTo(100, 9);
    expect(togetherPerS(1, frontier)).toBeCloseTo(200, 9);
    expect(togetherPerS(100 / 180, frontier)).toBeCloseTo(180, 9);
    // On the first leg both are equal where 100 t = 100 - 20 t: 83.3 of each.
    expect(togetherPerS(0.5, frontier)).toBeCloseTo(2 * (10_000 / 120), 9);
  });
});
