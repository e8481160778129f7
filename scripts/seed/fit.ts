import { mean } from 'simple-statistics';
import { belowSaturation } from './client.js';
import { fitAfterIdle, fitLines, type LineFit, WARM_UP_PASSES } from './fit-lines.js';
import { type MeasuredPass, passesOf, QUANTILES } from './measured.js';
import { type Fitted, p4Profile, type SharedConstants } from './profiles.js';
import { runPass } from './run-passes.js';
import type { Setups, TestSetup } from './setups.js';

/** Coefficients of variation that are tried, of a batch's time and of a request's front-end time. */
const BATCH_CVS = [0.001, 0.0025, 0.005, 0.01];
const FRONT_END_CVS = [0.1, 0.15, 0.2, 0.25, 0.3];

/** Front-end times that are tried around the one read off, ms: first coarsely, then around the best. */
const COARSE_MS = Array.from({ length: 16 }, (_, i) => (i - 12) * 0.2);
const FINE_MS = Array.from({ length: 7 }, (_, i) => (i - 3) * 0.05);

/** Every so many passes are simulated in the search. */
const STRIDE = 4;

/** One of the tests that constants are fitted on. */
interface FitTest {
  readonly setup: TestSetup;
  readonly model: string;
  readonly lines: LineFit;
  readonly below: readonly MeasuredPass[];
}

export interface Fit {
  readonly fitted: Fitted;
  readonly lines: ReadonlyMap<string, LineFit>;
  /** Mean absolute error of the quantiles over the passes that were simulated, percent, by model. */
  readonly errorPercent: ReadonlyMap<string, number>;
}

/**
 * The constants of both models from the tests whose role is `fit`. Service times, their split and the
 * idle law are read off; front-end time and spreads are those whose simulated quantiles below
 * saturation come nearest to the logged ones. Deterministic.
 */
export function fitSeed(passes: readonly MeasuredPass[], setups: Setups): Fit {
  const tests = setups.tests
    .filter(({ role }) => role === 'fit')
    .map((setup) => fitTest(setup, passes, setups));
  const longestIdle = tests.reduce((a, b) => (longest(b.lines) > longest(a.lines) ? b : a));
  const linearIdlePenalty = fitAfterIdle(longestIdle.lines);
  const search = (test: FitTest, cvs: Cvs, centreMs: number, offsetsMs: readonly number[]) =>
    bestFrontEnd(test, { ...cvs, linearIdlePenalty }, setups, { centreMs, offsetsMs });
  const start = tests.map((test) =>
    search(test, { batchCv: 0.005, frontEndCv: 0.15 }, readOff(test), COARSE_MS),
  );
  const candidates = BATCH_CVS.flatMap((batchCv) =>
    FRONT_END_CVS.map((frontEndCv) => {
      const found = tests.map((test, i) =>
        search(test, { batchCv, frontEndCv }, start[i]!.frontEndMs, FINE_MS),
      );
      return {
        batchCv,
        frontEndCv,
        found,
        errorPercent: found.reduce((sum, one) => sum + one.errorPercent, 0),
      };
    }),
  );
  const best = candidates.reduce((a, b) => (b.errorPercent < a.errorPercent ? b : a));
  const byModel = <T>(value: (test: FitTest, i: number) => T) =>
    new Map(tests.map((test, i) => [test.model, value(test, i)]));
  return {
    fitted: {
      batchCv: best.batchCv,
      frontEndCv: best.frontEndCv,
      linearIdlePenalty,
      models: byModel((test, i) => constants(test.lines, best.found[i]!.frontEndMs)),
    },
    lines: byModel(({ lines }) => lines),
    errorPercent: byModel((_, i) => best.found[i]!.errorPercent),
  };
}

type Cvs = Pick<SharedConstants, 'batchCv' | 'frontEndCv'>;

function fitTest(setup: TestSetup, passes: readonly MeasuredPass[], setups: Setups): FitTest {
  const { model, gpus } = setup.clients[0]!;
  const own = passesOf(passes, setup.test, model);
  const below = belowSaturation(own, setups.client).slice(WARM_UP_PASSES);
  return {
    setup,
    model,
    lines: fitLines(own, gpus[0]!, setups),
    below: below.filter((_, i) => i % STRIDE === 0),
  };
}

function longest({ byIdle }: LineFit): number {
  return Math.max(...byIdle.map(({ idleMs }) => idleMs));
}

/** Front-end time by subtraction: what the last request of a batch takes besides service and network. */
function readOff({ lines, setup }: FitTest): number {
  return lines.lastInBatchMs - lines.serviceMs - 2 * setup.networkDelayMs;
}

function constants({ gpuMs, serviceMs }: LineFit, frontEndMs: number) {
  return { gpuMs, hostMs: serviceMs - gpuMs, frontEndMs };
}

/** The front-end time among some around a centre that describes the passes of a test best, under given spreads. */
function bestFrontEnd(
  test: FitTest,
  shared: SharedConstants,
  setups: Setups,
  { centreMs, offsetsMs }: { readonly centreMs: number; readonly offsetsMs: readonly number[] },
) {
  const tried = offsetsMs.map((offset) => {
    const frontEndMs = Number((centreMs + offset).toFixed(2));
    return { frontEndMs, errorPercent: errorOf(frontEndMs, test, shared, setups) };
  });
  return tried.reduce((a, b) => (b.errorPercent < a.errorPercent ? b : a));
}

/** Mean absolute error of the quantiles of a test, percent. */
function errorOf(
  frontEndMs: number,
  { setup, model, lines, below }: FitTest,
  shared: SharedConstants,
  setups: Setups,
): number {
  const models = new Map([[model, constants(lines, frontEndMs)]]);
  const profile = p4Profile(model, { ...shared, models }, setups);
  const { gpus } = setup.clients[0]!;
  const errors = below.flatMap((pass) => {
    const seed = `test ${setup.test} pass ${pass.pass}`;
    const result = runPass(setups, setup, { profile, gpus, plan: pass }, seed);
    return QUANTILES.map(({ field }) => Math.abs(result[field] / pass[field] - 1));
  });
  return 100 * mean(errors);
}
