import * as Plot from '@observablehq/plot';
import { horizontalAxis, verticalAxis } from '../../src/report/charts/axes.js';
import { type LegendEntry, legend } from '../../src/report/charts/legend.js';
import { domainFromZero } from '../../src/report/charts/scales.js';
import { marginTopFor, renderChart } from '../../src/report/charts/svg.js';
import { colourOf, paperTheme } from '../../src/report/charts/theme.js';
import type { MixCost, SeedAnswer } from './seed-question.js';

const WIDTH = 680;
const MARGIN = { left: 60, right: 20, bottom: 44 };
const DASH = '6 3';

/** One series of a chart over ResNet-50's part of the inferences. */
interface Series {
  readonly label: string;
  readonly colour: number;
  readonly drawnAs: 'line' | 'dashes' | 'dots';
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** Dollars per million inferences with one tenant per GPU and with two, predicted and measured. */
export function costFigure(answers: readonly SeedAnswer[]): string {
  return mixChart(
    answers.flatMap(({ gpu, mixes, paper }, colour) => [
      series(`one tenant per ${gpu.name}`, colour, 'dashes', mixes, ({ dedicatedUsd }) => dedicatedUsd),
      series(`two tenants per ${gpu.name}`, colour, 'line', mixes, ({ togetherUsd }) => togetherUsd),
      series(
        `two tenants per ${gpu.name}, the paper`,
        colour,
        'dots',
        paper,
        ({ togetherUsd }) => togetherUsd,
      ),
    ]),
    { label: '$ per million inferences', fromZero: true },
  );
}

/** What two tenants on each GPU, and the cheapest fleet, save against one tenant on each, percent. */
export function savingFigure(answers: readonly SeedAnswer[]): string {
  return mixChart(
    answers.flatMap(({ gpu, mixes, paper }, colour) => [
      series(`${gpu.name}, two tenants on each`, colour, 'line', mixes, savingPercent),
      series(`${gpu.name}, cheapest fleet`, colour, 'dashes', mixes, bestSavingPercent),
      series(`${gpu.name}, the paper`, colour, 'dots', paper, savingPercent),
    ]),
    { label: 'saved against one tenant per GPU, %', fromZero: false },
  );
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
  drawnAs: Series['drawnAs'],
  mixes: readonly MixCost[],
  y: (mix: MixCost) => number,
): Series {
  return { label, colour, drawnAs, points: mixes.map((mix) => ({ x: 100 * mix.resnet50Share, y: y(mix) })) };
}

function mixChart(all: readonly Series[], { label, fromZero }: { label: string; fromZero: boolean }): string {
  const shown = all.filter(({ points }) => points.length > 0);
  const theme = paperTheme;
  const entries = shown.map(
    (one): LegendEntry => ({
      label: one.label,
      colour: colourOf(theme, one.colour),
      symbol: one.drawnAs === 'dots' ? 'dot' : 'line',
      ...(one.drawnAs === 'dashes' && { dash: DASH }),
    }),
  );
  const key = legend(entries, { width: WIDTH - MARGIN.left - MARGIN.right, theme });
  const values = shown.flatMap(({ points }) => points.map(({ y }) => y));
  const low = Math.min(0, ...values);
  return renderChart(
    {
      description: `${label} over ResNet-50's part of the inferences`,
      height: 320 + key.height,
      marginTop: marginTopFor(key.height),
      marginLeft: MARGIN.left,
      marginRight: MARGIN.right,
      marginBottom: MARGIN.bottom,
      x: { domain: [0, 100], label: null },
      y: {
        domain: fromZero ? [...domainFromZero(values)] : [1.1 * low, 1.1 * Math.max(...values)],
        label: null,
      },
      marks: [
        ...horizontalAxis({
          label: "ResNet-50's part of the inferences, % (the rest: Inception-V3)",
          grid: theme,
        }),
        ...verticalAxis({ label, grid: theme, marginLeft: MARGIN.left }),
        ...shown.map((one) => seriesMark(one)),
        ...key.marks,
      ],
    },
    { width: WIDTH },
  );
}

function seriesMark({ points, colour, drawnAs }: Series): Plot.Markish {
  const stroke = colourOf(paperTheme, colour);
  if (drawnAs === 'dots') return Plot.dot(points, { x: 'x', y: 'y', r: 4, fill: stroke });
  const dash = drawnAs === 'dashes' ? { strokeDasharray: DASH } : {};
  return Plot.line(points, { x: 'x', y: 'y', stroke, strokeWidth: 2, ...dash });
}
