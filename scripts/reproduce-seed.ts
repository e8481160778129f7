import { readFileSync } from 'node:fs';
import { groupBy } from '../src/base/group-by.js';
import { parsePriceBook } from '../src/cost/parse-price-book.js';
import { predictedMeasuredChart } from '../src/report/charts/predicted-measured.js';
import { domainFromZero, logDomain, logTicks } from '../src/report/charts/scales.js';
import { buildSeedProfiles } from './seed/build-profiles.js';
import type { Point } from './seed/judge.js';
import { passesOf, readMeasured } from './seed/measured.js';
import { type Throughputs, throughputs } from './seed/predict-frontier.js';
import { readme, report } from './seed/readme.js';
import { nameOf, nameOfFigurePoint, type Reproduction, reproduceSeed } from './seed/reproduction.js';
import { readSetups } from './seed/setups.js';
import { pointsCsv } from './seed/tables.js';
import { lineChart } from './support/line-chart.js';
import { reproduction } from './support/reproduction.js';
import { namedBy } from './support/script-options.js';

/** All figures by file name. */
function figures(reproduction: Reproduction): ReadonlyMap<string, string> {
  const logged = new Set(reproduction.measured.passes.map(({ test }) => test));
  const told = reproduction.setups.tests.filter(
    ({ test, latency }) => latency === 'predicted' && logged.has(test),
  );
  return new Map([
    ['predicted-measured.svg', scatter(reproduction.points)],
    ...told.flatMap(({ test, clients }) =>
      clients.map(({ model }): [string, string] => [
        `latency-test-${test}-${model}.svg`,
        latencyChart(test, model, reproduction),
      ]),
    ),
    ['frontier.svg', frontier(reproduction)],
  ]);
}

function scatter(points: readonly Point[]): string {
  const shown = points.filter(
    ({ belowSaturation, basis, metric }) =>
      belowSaturation && basis === 'predicted' && metric.startsWith('p'),
  );
  const groups = groupBy(shown, ({ test, model }) => `test ${test} ${model}`);
  const named = [...groups].map(([name, own]) => ({ name, points: own }));
  return predictedMeasuredChart(named, { unit: 'ms', bandPercent: 5, width: 560 });
}

/** Median and 95th percentile over the rate asked for: measured as dots, predicted as lines. */
function latencyChart(test: number, model: string, { points, measured }: Reproduction): string {
  const rates = new Map(passesOf(measured.passes, test, model).map((pass) => [pass.pass, pass.desiredPerS]));
  // A client that was asked for one rate throughout is drawn over its passes.
  const isConstant = new Set(rates.values()).size === 1;
  const series = (['p50', 'p95'] as const).flatMap((metric, colour) => {
    const own = points.filter(
      (point) => point.test === test && point.model === model && point.metric === metric,
    );
    const of = (side: 'measured' | 'predicted', drawnAs: 'dots' | 'line') => ({
      label: `${metric} ${side}`,
      colour,
      drawnAs,
      points: own.map(({ pass, [side]: y }) => ({ x: isConstant ? pass! : rates.get(pass!)!, y })),
    });
    return [of('measured', 'dots'), of('predicted', 'line')];
  });
  const domain = logDomain(series.flatMap((one) => one.points.map(({ y }) => y)));
  return lineChart(series, {
    description: `Latency of ${model} in test ${test}`,
    width: 720,
    height: 310,
    xLabel: isConstant ? 'pass' : 'rate asked for, requests/s',
    yLabel: `latency of ${model} in test ${test}, ms (log scale)`,
    y: { type: 'log', domain: [...domain] },
    yTicks: logTicks(domain),
    stroke: { strokeWidth: 1.8 },
    dot: { r: 2.5, fillOpacity: 0.5 },
  });
}

function frontier({ measured, frontiers }: Reproduction): string {
  const xy = (rates: Throughputs) => ({ x: rates.resnet50, y: rates['inception-v3'] });
  const series = frontiers.flatMap(({ name, gpu, gpus, points }, colour) => {
    const own = measured.frontier.filter((point) => point.gpu === gpu && point.gpus === gpus);
    return [
      {
        ...{ label: `${name}, measured`, drawnAs: 'dots' as const, colour },
        points: own.map((point) => xy(throughputs(point))),
      },
      { label: `${name}, predicted`, drawnAs: 'line' as const, colour, points: points.map(xy) },
    ];
  });
  const shown = series.filter(({ points }) => points.length > 0);
  const [xLabel, yLabel] = ['ResNet-50, requests/s', 'Inception-V3, requests/s'];
  const domain = (axis: 'x' | 'y') =>
    domainFromZero(shown.flatMap(({ points }) => points.map((point) => point[axis])));
  return lineChart(shown, {
    ...{ description: `${yLabel} over ${xLabel}`, width: 620, height: 380, xLabel, yLabel },
    ...{ x: { domain: [...domain('x')] }, y: { domain: [...domain('y')] }, marginRight: 24 },
    ...{ stroke: { strokeWidth: 2, strokeLinejoin: 'round' }, dot: { r: 4 } },
  });
}

const CALIBRATION = 'calibration/seed';

await reproduction({
  name: 'seed',
  about:
    'Fits constants on tests 6 and 7 of the paper, and predicts all others and its frontiers of two models on one and two GPUs.',
  data: {
    from: CALIBRATION,
    takes: 'FOLDER',
    help: `predict the tests of another folder with measured.csv, setups.json and\nperhaps frontier.csv; constants still come from ${CALIBRATION}`,
    needs: ['measured.csv', 'setups.json'],
  },
  results: 'results/seed',
  options: {
    'leave-out': {
      takes: 'TEXT',
      help: 'passes and points of the figure that no fit may see, by a part of their names, e.g.\n"test 7 resnet50 pass 1" or "Two-T4"; they are then predicted like all others',
    },
  },
  partial: ['leave-out'],
  seeds: 'each pass has its own, its name (e.g. "test 4 pass 7")',
  run: ({ data, isOwnData, 'leave-out': leftOut }, onProgress) => {
    const calibration = readMeasured(CALIBRATION);
    const names = [...calibration.passes.map(nameOf), ...calibration.frontier.map(nameOfFigurePoint)];
    const isLeftOut = (name: string) => leftOut !== undefined && name.includes(leftOut);
    if (leftOut !== undefined)
      namedBy({ option: 'leave-out', text: leftOut, kind: 'pass or point of the figure' }, names, String);
    const calibrationSetups = readSetups(CALIBRATION);
    return reproduceSeed({
      calibration,
      calibrationSetups,
      measured: isOwnData ? readMeasured(data) : calibration,
      setups: isOwnData ? readSetups(data) : calibrationSetups,
      prices: parsePriceBook(readFileSync('calibration/prices.json', 'utf8')),
      isLeftOut,
      onProgress,
    });
  },
  files: (result) =>
    new Map([['predicted.csv', pointsCsv(result.points)], ['README.md', readme(result)], ...figures(result)]),
  published: ({ fit, points, measured, setups }) =>
    new Map(
      [...buildSeedProfiles(fit, points, measured, setups)].map(([file, text]) => [
        `calibration/${file}`,
        text,
      ]),
    ),
  json: ({ points }) => ({ points }),
  report,
});
