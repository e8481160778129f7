import type { PriceBook } from '../../src/cost/price-book.js';
import { type SharingGain, sharingGain } from './cost.js';
import { type DoubtedPoint, doubtBy } from './doubt.js';
import { type Fit, fitSeed } from './fit.js';
import { frontierPoints } from './frontier-points.js';
import { judgeTargets, type Point, type Target } from './judge.js';
import { type Known, knownFrom, machineOf, serverOf, withFigures } from './machines.js';
import type { FrontierPoint, Measured } from './measured.js';
import { FITTED_ON, type Gpus, lonelyModel, nameOfGpus, peaksOf } from './peaks.js';
import { predictedFrontier, type Throughputs, throughputs } from './predict-frontier.js';
import { pointsOf, predictTest } from './predict-tests.js';
import type { Setups } from './setups.js';

/** Everything the reproduction says. */
export interface Reproduction {
  readonly fit: Fit;
  readonly known: Known;
  readonly setups: Setups;
  readonly points: readonly DoubtedPoint[];
  readonly targets: readonly Target[];
  readonly measured: Measured;
  readonly frontiers: readonly Frontier[];
  readonly gains: readonly SharingGain[];
  /** Test 9 when the host could run more threads at full speed. */
  readonly hosts: readonly HostVariant[];
}

/** The predicted frontier of one line of the figure. */
export interface Frontier extends Gpus {
  readonly name: string;
  readonly points: readonly Throughputs[];
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
  /** Whether a pass or a point of the figure may not be seen, by its name. */
  readonly isLeftOut?: (name: string) => boolean;
  readonly onProgress?: (what: string) => void;
}

/** Other values of the assumption that matters most for test 9; 5.18 is the host of two GPUs, 6 one for each vCPU. */
const OTHER_HOSTS = [3.5, 4.5, 5.18, 6];

/** Shares at which a model is held along a line that is only drawn; costs are counted of one GPU. */
const FEW_SHARES = [0.2, 0.4, 0.6];

/** Fits the constants, predicts every test and the frontiers, and judges. Same input, same result. */
export function reproduceSeed(input: ReproductionInput): Reproduction {
  const { calibration, calibrationSetups, measured, setups, prices } = input;
  const { isLeftOut = () => false, onProgress = () => {} } = input;
  onProgress('fitting constants on the tests meant for it');
  const fit = fitSeed(
    calibration.passes.filter((pass) => !isLeftOut(nameOf(pass))),
    calibrationSetups,
  );
  onProgress('fitting hosts to the peaks that were measured on them');
  const seenFigure = calibration.frontier.filter((point, i) => !isLeftOut(nameOfFigurePoint(point, i)));
  const calibrated = knownOf(fit, calibrationSetups, calibrationSetups, seenFigure);
  // Peaks of other kinds of GPUs tell of these.
  const known =
    setups === calibrationSetups
      ? calibrated
      : knownOf(fit, calibrationSetups, setups, [...seenFigure, ...newKinds(measured.frontier, seenFigure)]);
  const bare = predictAll(measured, known, onProgress).map((point): Point => {
    // What the fit was kept from is predicted, not fitted.
    const isUnseen = point.basis === 'fitted' && point.pass !== null && isLeftOut(nameOf(point));
    return isUnseen ? { ...point, basis: 'predicted' } : point;
  });
  const learnt = measured === calibration ? bare : predictAll(calibration, calibrated, onProgress);
  const points = bare.map(doubtBy(learnt));
  const frontiers = (known.setups.figures ?? []).map(({ gpu, gpus }) => {
    const name = nameOfGpus({ gpu, gpus });
    onProgress(`predicting the frontier of ${name}`);
    const server = serverOf({ gpu, gpus }, known);
    return { name, gpu, gpus, points: predictedFrontier(server, gpus > 1 ? FEW_SHARES : undefined) };
  });
  return {
    fit,
    known,
    setups: known.setups,
    measured,
    points,
    targets: judgeTargets(points),
    frontiers,
    gains: gainsOf(prices, measured, frontiers),
    hosts: OTHER_HOSTS.map((threadsAtFullSpeed) => {
      onProgress(`predicting with ${threadsAtFullSpeed} threads at full speed`);
      return hostVariant(threadsAtFullSpeed, measured, known);
    }),
  };
}

export function knownOf(
  { fitted }: Pick<Fit, 'fitted'>,
  calibration: Setups,
  setups: Setups,
  figure: readonly FrontierPoint[],
): Known {
  return knownFrom({
    fitted,
    calibration,
    setups: withFigures(setups, calibration),
    peaks: peaksOf(figure),
  });
}

/** Peaks of kinds of GPUs of which the calibration has none: of the others only the calibration's count. */
function newKinds(
  figure: readonly FrontierPoint[],
  seen: readonly FrontierPoint[],
): readonly FrontierPoint[] {
  const kinds = new Set(seen.map(({ gpu }) => gpu));
  return figure.filter((point) => lonelyModel(point) !== undefined && !kinds.has(point.gpu));
}

/** `test 6 inception-v3 pass 12`. */
export function nameOf({ test, model, pass }: Pick<Point, 'test' | 'model' | 'pass'>): string {
  return `test ${test} ${model} pass ${pass}`;
}

/** `Two-P4 frontier point 8`, as targets call it. */
export function nameOfFigurePoint(point: FrontierPoint, index: number): string {
  return `${nameOfGpus(point)} frontier point ${index + 1}`;
}

/** Measured beside predicted for all tests that were set up and logged, and the points of the figure. */
export function predictAll(
  measured: Measured,
  known: Known,
  onProgress: (what: string) => void = () => {},
): readonly Point[] {
  const logged = new Set(measured.passes.map(({ test }) => test));
  const tests = known.setups.tests.filter(({ test }) => logged.has(test));
  const ofTests = tests.flatMap((test) => {
    onProgress(`predicting test ${test.test}`);
    const { profiles, setups } = machineOf(test, known);
    return predictTest(test, measured.passes, profiles, setups).flatMap((client) => pointsOf(client, setups));
  });
  return [...ofTests, ...frontierPoints(measured.frontier, known, onProgress)];
}

function hostVariant(threadsAtFullSpeed: number, measured: Measured, known: Known): HostVariant {
  const { setups } = known;
  const shared = setups.tests.filter(({ clients }) => clients.length > 1);
  const changed = { ...setups, tests: shared, host: { ...setups.host, threadsAtFullSpeed } };
  const points = predictAll({ ...measured, frontier: [] }, { ...known, setups: changed });
  return { threadsAtFullSpeed, targets: judgeTargets(points) };
}

/** What one GPU saves; prices are known of two kinds. */
function gainsOf(
  prices: PriceBook,
  measured: Measured,
  frontiers: readonly Frontier[],
): readonly SharingGain[] {
  const figure = measured.frontier
    .filter(({ gpu, gpus }) => gpu === FITTED_ON && gpus === 1)
    .map(throughputs);
  const predicted = (gpu: string) =>
    frontiers.find((frontier) => frontier.gpu === gpu && frontier.gpus === 1)!.points;
  const t4 = { frontier: predicted('Tesla T4'), name: 'one T4, predicted' };
  return [
    ...(figure.length > 2
      ? [sharingGain(prices, { name: 'one P4, measured (figure)', gpuSku: 'gpu-P4', frontier: figure })]
      : []),
    sharingGain(prices, { name: 'one P4, predicted', gpuSku: 'gpu-P4', frontier: predicted(FITTED_ON) }),
    sharingGain(prices, { ...t4, gpuSku: 'gpu-T4' }),
    sharingGain(prices, {
      ...t4,
      name: 'one T4, predicted, at the price of 2019 (recalled)',
      gpuSku: 'gpu-T4 (before the January 2020 cut)',
      allowRecalled: true,
    }),
  ];
}
