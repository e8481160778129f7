import * as Plot from '@observablehq/plot';
import { groupBy } from '../../src/base/group-by.js';
import { horizontalAxis, verticalAxis } from '../../src/report/charts/axes.js';
import { frontierChart } from '../../src/report/charts/frontier.js';
import { legend } from '../../src/report/charts/legend.js';
import { predictedMeasuredChart } from '../../src/report/charts/predicted-measured.js';
import { logDomain, logTicks } from '../../src/report/charts/scales.js';
import { marginTopFor, renderChart } from '../../src/report/charts/svg.js';
import { colourOf, paperTheme } from '../../src/report/charts/theme.js';
import { type MeasuredPass, passesOf } from './measured.js';
import type { Point } from './points.js';
import { throughputs } from './predict-frontier.js';
import type { Reproduction } from './reproduction.js';

/** All figures by file name. */
export function figures(reproduction: Reproduction): ReadonlyMap<string, string> {
  const told = reproduction.setups.tests.filter(({ latency }) => latency === 'predicted');
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

const MARGIN = { left: 60, right: 20, bottom: 44 };
const WIDTH = 720;

/** Median and 95th percentile over the rate asked for: measured as dots, predicted as lines. */
function latencyChart(test: number, model: string, { points, measured }: Reproduction): string {
  const theme = paperTheme;
  const passes = new Map(passesOf(measured.passes, test, model).map((pass) => [pass.pass, pass]));
  const series = (['p50', 'p95'] as const).map((metric) =>
    points
      .filter((point) => point.test === test && point.model === model && point.metric === metric)
      .map((point) => ({ ...point, rate: xOf(passes.get(point.pass!)!, passes) })),
  );
  const all = series.flat();
  const y = logDomain(all.flatMap((point) => [point.measured, point.predicted]));
  const key = latencyKey();
  const marginTop = marginTopFor(key.height);
  return renderChart(
    {
      description: `Latency of ${model} in test ${test}`,
      height: 280 + marginTop,
      marginTop,
      marginLeft: MARGIN.left,
      marginRight: MARGIN.right,
      marginBottom: MARGIN.bottom,
      x: { label: null },
      y: { type: 'log', domain: [...y], label: null },
      marks: [
        ...horizontalAxis({ label: xLabel(passes), grid: theme }),
        ...verticalAxis({
          label: `latency of ${model} in test ${test}, ms (log scale)`,
          ticks: logTicks(y),
          grid: theme,
          marginLeft: MARGIN.left,
        }),
        ...series.flatMap((own, i) => [
          Plot.dot(own, { x: 'rate', y: 'measured', r: 2.5, fill: colourOf(theme, i), fillOpacity: 0.5 }),
          Plot.line(own, { x: 'rate', y: 'predicted', stroke: colourOf(theme, i), strokeWidth: 1.8 }),
        ]),
        ...key.marks,
      ],
    },
    { width: WIDTH },
  );
}

function latencyKey() {
  const theme = paperTheme;
  const entry = (name: string, i: number, symbol: 'dot' | 'line') => ({
    label: name,
    colour: colourOf(theme, i),
    symbol,
  });
  return legend(
    ['p50', 'p95'].flatMap((name, i) => [
      entry(`${name} measured`, i, 'dot'),
      entry(`${name} predicted`, i, 'line'),
    ]),
    { width: WIDTH - MARGIN.left - MARGIN.right, theme },
  );
}

/** A client that was asked for one rate throughout is drawn over its passes. */
function isConstant(passes: ReadonlyMap<number, MeasuredPass>): boolean {
  return new Set([...passes.values()].map(({ desiredPerS }) => desiredPerS)).size === 1;
}

function xOf(pass: MeasuredPass, passes: ReadonlyMap<number, MeasuredPass>): number {
  return isConstant(passes) ? pass.pass : pass.desiredPerS;
}

function xLabel(passes: ReadonlyMap<number, MeasuredPass>): string {
  return isConstant(passes) ? 'pass' : 'rate asked for, requests/s';
}

function frontier({ measured, p4Frontier, t4Frontier }: Reproduction): string {
  const xy = (rates: { resnet50: number; 'inception-v3': number }) => ({
    x: rates.resnet50,
    y: rates['inception-v3'],
  });
  const measuredOn = (name: string) =>
    measured.frontier
      .filter(({ gpu, gpus }) => gpu === name && gpus === 1)
      .map((point) => xy(throughputs(point)));
  return frontierChart(
    [
      { name: 'one P4, measured', drawnAs: 'points', points: measuredOn('Tesla P4'), colour: 0 },
      { name: 'one P4, predicted', drawnAs: 'line', points: p4Frontier.map(xy), colour: 0 },
      {
        name: 'one T4, measured (ends are fitted)',
        drawnAs: 'points',
        points: measuredOn('Tesla T4'),
        colour: 1,
      },
      { name: 'one T4, predicted', drawnAs: 'line', points: t4Frontier.map(xy), colour: 1 },
    ],
    { xLabel: 'ResNet-50, requests/s', yLabel: 'Inception-V3, requests/s', width: 620 },
  );
}
