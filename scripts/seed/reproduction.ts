import type { PriceBook } from '../../src/cost/price-book.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { type SharingGain, sharingGain } from './cost.js';
import { type Fit, fitSeed } from './fit.js';
import { judgeTargets, type Point, type Target } from './judge.js';
import type { Measured, MeasuredPass } from './measured.js';
import { frontierPoints, predictedFrontier, type Throughputs, throughputs } from './predict-frontier.js';
import { type Profiles, pointsOf, predictTest } from './predict-tests.js';
import { p4Profile, t4Profile } from './profiles.js';
import type { Setups } from './setups.js';

/** Everything the reproduction says. */
export interface Reproduction {
  readonly fit: Fit;
  readonly setups: Setups;
  readonly points: readonly Point[];
  readonly targets: readonly Target[];
  readonly measured: Measured;
  /** Predicted frontiers of one GPU. */
  readonly p4Frontier: readonly Throughputs[];
  readonly t4Frontier: readonly Throughputs[];
  readonly gains: readonly SharingGain[];
  /** Test 9 when the host could run more threads at full speed. */
  readonly hosts: readonly HostVariant[];
}

interface HostVariant {
  readonly threadsAtFullSpeed: number;
  readonly targets: readonly Target[];
}

export interface ReproductionInput {
  /** Holds the tests that constants are fitted on. */
  readonly calibration: Measured;
  readonly calibrationSetups: Setups;
  /** What is to be predicted. */
  readonly measured: Measured;
  readonly setups: Setups;
  readonly prices: PriceBook;
  /** Passes of the calibration that the fit may not see. */
  readonly isLeftOut?: IsLeftOut;
  readonly onProgress?: (what: string) => void;
}

export type IsLeftOut = (pass: MeasuredPass) => boolean;

/** Other values of the assumption that matters most for test 9; 6 is one for each vCPU. */
const OTHER_HOSTS = [3.5, 4.5, 6];

/** Fits the constants, predicts every test and the frontier, and judges. Same input, same result. */
export function reproduceSeed(input: ReproductionInput): Reproduction {
  const { calibration, calibrationSetups, measured, setups, prices } = input;
  const { isLeftOut = () => false, onProgress = () => {} } = input;
  onProgress('fitting constants on the tests meant for it');
  const seen = calibration.passes.filter((pass) => !isLeftOut(pass));
  const fit = fitSeed(seen, calibrationSetups);
  const profiles = profilesOn('P4', fit, calibrationSetups, calibration);
  const points = predictAll(measured, profiles, setups, onProgress).map(asLeftOut(isLeftOut, measured));
  onProgress('predicting the frontiers of one P4 and one T4');
  const p4Frontier = predictedFrontier(profiles, setups);
  const t4Frontier = predictedFrontier(profilesOn('T4', fit, calibrationSetups, calibration), setups);
  return {
    fit,
    setups,
    measured,
    points,
    targets: judgeTargets(points),
    p4Frontier,
    t4Frontier,
    gains: gainsOf(prices, measured, p4Frontier, t4Frontier),
    hosts: OTHER_HOSTS.map((threadsAtFullSpeed) => {
      onProgress(`predicting with ${threadsAtFullSpeed} threads at full speed`);
      return hostVariant(threadsAtFullSpeed, measured, profiles, setups);
    }),
  };
}

/** What the fit was kept from is predicted, not fitted. */
function asLeftOut(isLeftOut: IsLeftOut, { passes }: Measured): (point: Point) => Point {
  const leftOut = new Set(passes.filter(isLeftOut).map(nameOf));
  return (point) => (leftOut.has(nameOf(point)) ? { ...point, basis: basisUnseen(point) } : point);
}

function basisUnseen({ basis }: Point): Point['basis'] {
  return basis === 'fitted' ? 'predicted' : basis;
}

/** `test 6 inception-v3 pass 12`. */
export function nameOf({ test, model, pass }: Pick<Point, 'test' | 'model' | 'pass'>): string {
  return `test ${test} ${model} pass ${pass}`;
}

export function profilesOn(
  gpu: 'P4' | 'T4',
  { fitted }: Fit,
  setups: Setups,
  { frontier }: Measured,
): Profiles {
  const build = (model: string): ModelProfile =>
    gpu === 'P4' ? p4Profile(model, fitted, setups) : t4Profile(model, fitted, setups, frontier);
  return new Map([...fitted.models.keys()].map((model) => [model, build(model)]));
}

/** Measured beside predicted for all tests that were set up, and the points of the frontier. */
export function predictAll(
  measured: Measured,
  profiles: Profiles,
  setups: Setups,
  onProgress: (what: string) => void = () => {},
): readonly Point[] {
  const ofTests = setups.tests.flatMap((test) => {
    onProgress(`predicting test ${test.test}`);
    return predictTest(test, measured.passes, profiles, setups).flatMap((client) => pointsOf(client, setups));
  });
  return [...ofTests, ...frontierPoints(measured.frontier, profiles, setups)];
}

function hostVariant(
  threadsAtFullSpeed: number,
  measured: Measured,
  profiles: Profiles,
  setups: Setups,
): HostVariant {
  const shared = setups.tests.filter(({ clients }) => clients.length > 1);
  const changed = { ...setups, tests: shared, host: { ...setups.host, threadsAtFullSpeed } };
  const points = predictAll({ ...measured, frontier: [] }, profiles, changed);
  return { threadsAtFullSpeed, targets: judgeTargets(points) };
}

function gainsOf(
  prices: PriceBook,
  measured: Measured,
  p4Frontier: readonly Throughputs[],
  t4Frontier: readonly Throughputs[],
): readonly SharingGain[] {
  const figure = measured.frontier
    .filter(({ gpu, gpus }) => gpu === 'Tesla P4' && gpus === 1)
    .map(throughputs);
  const t4 = { frontier: t4Frontier, name: 'one T4, predicted' };
  return [
    ...(figure.length > 2
      ? [sharingGain(prices, { name: 'one P4, measured (figure)', gpuSku: 'gpu-P4', frontier: figure })]
      : []),
    sharingGain(prices, { name: 'one P4, predicted', gpuSku: 'gpu-P4', frontier: p4Frontier }),
    sharingGain(prices, { ...t4, gpuSku: 'gpu-T4' }),
    sharingGain(prices, {
      ...t4,
      name: 'one T4, predicted, at the price of 2019 (recalled)',
      gpuSku: 'gpu-T4 (before the January 2020 cut)',
      allowRecalled: true,
    }),
  ];
}
