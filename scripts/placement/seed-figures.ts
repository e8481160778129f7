import { domainFromZero } from '../../src/report/charts/scales.js';
import { type LineSeries, lineChart } from '../support/line-chart.js';
import type { MixCost, SeedAnswer } from './seed-question.js';

/** Dollars per million inferences with one tenant per GPU and with two, predicted and measured. */
export function costFigure(answers: readonly SeedAnswer[]): string {
  const all = answers.flatMap(({ gpu: { name }, mixes, paper }, colour) => [
    series(`one tenant per ${name}`, colour, 'dashes', mixes, ({ dedicatedUsd }) => dedicatedUsd),
    series(`two tenants per ${name}`, colour, 'line', mixes, ({ togetherUsd }) => togetherUsd),
    series(`two tenants per ${name}, the paper`, colour, 'dots', paper, ({ togetherUsd }) => togetherUsd),
  ]);
  return mixChart(all, '$ per million inferences', (usd) => [...domainFromZero(usd)]);
}

/** What two tenants on each GPU, and the cheapest fleet, save against one tenant on each, percent. */
export function savingFigure(answers: readonly SeedAnswer[]): string {
  const all = answers.flatMap(({ gpu: { name }, mixes, paper }, colour) => [
    series(`${name}, two tenants on each`, colour, 'line', mixes, savingPercent),
    series(`${name}, cheapest fleet`, colour, 'dashes', mixes, bestSavingPercent),
    series(`${name}, the paper`, colour, 'dots', paper, savingPercent),
  ]);
  const domain = (percent: readonly number[]) => [1.1 * Math.min(0, ...percent), 1.1 * Math.max(...percent)];
  return mixChart(all, 'saved against one tenant per GPU, %', domain);
}

/** What two tenants on each GPU save against one, percent of the cost. */
export function savingPercent({ dedicatedUsd, togetherUsd }: MixCost): number {
  return 100 * (1 - togetherUsd / dedicatedUsd);
}

/** What the cheapest fleet saves against one tenant on each GPU, percent of the cost. */
function bestSavingPercent({ dedicatedUsd, bestUsd }: MixCost): number {
  return 100 * (1 - bestUsd / dedicatedUsd);
}

function series(
  label: string,
  colour: number,
  drawnAs: LineSeries['drawnAs'],
  mixes: readonly MixCost[],
  y: (mix: MixCost) => number,
): LineSeries {
  return { label, colour, drawnAs, points: mixes.map((mix) => ({ x: 100 * mix.resnet50Share, y: y(mix) })) };
}

/** Over ResNet-50's part of the inferences. */
function mixChart(
  all: readonly LineSeries[],
  yLabel: string,
  domainOf: (values: readonly number[]) => number[],
): string {
  const shown = all.filter(({ points }) => points.length > 0);
  return lineChart(shown, {
    description: `${yLabel} over ResNet-50's part of the inferences`,
    width: 680,
    height: 320,
    xLabel: "ResNet-50's part of the inferences, % (the rest: Inception-V3)",
    yLabel,
    x: { domain: [0, 100] },
    y: { domain: domainOf(shown.flatMap(({ points }) => points.map(({ y }) => y))) },
    stroke: { strokeWidth: 2 },
    dot: { r: 4 },
  });
}
