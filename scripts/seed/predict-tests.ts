import { max } from 'simple-statistics';
import { InputError } from '../../src/base/problem.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { belowSaturation, medianThroughput, saturated } from './client.js';
import { type Basis, type Point, point } from './judge.js';
import { type MeasuredPass, passesOf, QUANTILES } from './measured.js';
import { type PassResult, runPass, runTogether } from './run-passes.js';
import type { Setups, TestSetup } from './setups.js';

export type Profiles = ReadonlyMap<string, ModelProfile>;

/** Everything that was logged of one client of one test, beside its prediction. */
export interface ClientPrediction {
  readonly test: TestSetup;
  readonly model: string;
  readonly pairs: readonly { readonly measured: MeasuredPass; readonly predicted: PassResult }[];
}

/**
 * Predicts every pass of a test but its cold ones; one entry for each client.
 *
 * @throws InputError if a client of it has no passes
 */
export function predictTest(
  test: TestSetup,
  passes: readonly MeasuredPass[],
  profiles: Profiles,
  setups: Setups,
): readonly ClientPrediction[] {
  const own = test.clients.map(({ model }) => passesOf(passes, test.test, model).slice(test.coldPasses ?? 0));
  const empty = test.clients.filter((_, i) => own[i]!.length === 0);
  if (empty.length > 0)
    throw InputError.of(
      `test ${test.test} has no passes of ${empty.map(({ model }) => model).join(' and ')}`,
      'add them to measured.csv, or take the client out of setups.json',
    );
  const results =
    test.clients.length === 1
      ? [own[0]!.map((pass) => predictPass(test, pass, profiles, setups))]
      : runTogether(
          setups,
          test,
          test.clients.map((client, i) => ({
            ...client,
            profile: profiles.get(client.model)!,
            passes: own[i]!,
          })),
          `test ${test.test}`,
        );
  return test.clients.map(({ model }, i) => ({
    test,
    model,
    pairs: own[i]!.map((measured, k) => ({ measured, predicted: results[i]![k]! })),
  }));
}

/** Passes of a lone client are simulated one by one; each has its own random numbers. */
function predictPass(test: TestSetup, pass: MeasuredPass, profiles: Profiles, setups: Setups) {
  const { model, gpus } = test.clients[0]!;
  const client = { profile: profiles.get(model)!, gpus, plan: pass };
  return runPass(setups, test, client, `test ${test.test} pass ${pass.pass}`);
}

function sharingOf({ clients }: TestSetup): Point['sharing'] {
  if (clients.length === 1) return 'none';
  const gpus = clients.flatMap((client) => client.gpus);
  return new Set(gpus).size < gpus.length ? 'gpu' : 'host';
}

/**
 * Quantiles and throughput of every pass, and the throughput at saturation: the median over the passes in which the client was
 * held back, or, where it never was, the most that was completed.
 */
export function pointsOf({ test, model, pairs }: ClientPrediction, { client }: Setups): readonly Point[] {
  const logged = pairs.map(({ measured }) => measured);
  const below = new Set(belowSaturation(logged, client));
  const full = new Set(saturated(logged, client));
  const basis: Basis = test.role === 'fit' ? 'fitted' : 'predicted';
  const latencyBasis = test.latency === 'extrapolated' ? 'extrapolated' : basis;
  const common = { test: test.test, setup: null, sharing: sharingOf(test), model };
  const ofPasses = pairs.flatMap(({ measured, predicted }) => {
    const ofPass = { ...common, pass: measured.pass, belowSaturation: below.has(measured) };
    const figure = (metric: Point['metric'], field: keyof MeasuredPass & keyof PassResult, of: Basis) =>
      point({ ...ofPass, metric, measured: measured[field], predicted: predicted[field], basis: of });
    return [
      ...QUANTILES.map(({ name, field }) => figure(name, field, latencyBasis)),
      figure('throughput', 'completedPerS', basis),
    ];
  });
  const chosen = pairs.filter(({ measured }) => full.has(measured));
  const atSaturation = (side: 'measured' | 'predicted') =>
    chosen.length > 0
      ? medianThroughput(chosen.map((pair) => pair[side]))
      : max(pairs.map((pair) => pair[side].completedPerS));
  return [
    ...ofPasses,
    point({
      ...common,
      ...{ pass: null, metric: 'saturationThroughput', belowSaturation: false, basis },
      ...{ measured: atSaturation('measured'), predicted: atSaturation('predicted') },
    }),
  ];
}
