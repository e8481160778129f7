import * as Plot from '@observablehq/plot';
import { columnTitle, figure, type SweepReport } from '../sweep/sweep-report.js';
import { framedChart, WIDE_MARGIN } from './framed.js';
import { domainFromZero, drawable, percentTick } from './scales.js';
import type { ChartOptions } from './svg.js';
import { type ChartTheme, colourOf, paperTheme } from './theme.js';

/** Points with their cost in the column of that name. */
type CostedPoints = Pick<SweepReport, 'points'> & { readonly cost: string };

/** What points cost, and which share of the requests under SLOs is within its limit; those that no other beats are joined. */
export function sweepFrontChart({ points, cost }: CostedPoints, options: ChartOptions = {}): string {
  const { theme = paperTheme } = options;
  const placed = points.map(({ total, onFront, number }) => ({
    number,
    onFront,
    cost: drawable(figure(total, cost)),
    attainment: drawable(figure(total, 'slo_attainment')),
  }));
  return framedChart(
    {
      description: `SLO attainment over ${columnTitle(cost)}`,
      height: 320,
      margin: WIDE_MARGIN,
      legend: [
        { label: 'not beaten by any other', colour: colourOf(theme, 1), symbol: 'dot' },
        { label: 'other points', colour: theme.idle, symbol: 'dot' },
      ],
      x: { domain: domainFromZero(placed.map(({ cost }) => cost)) },
      y: { domain: [lowestShown(placed), 1] },
      xAxis: { label: columnTitle(cost), grid: theme },
      yAxis: { label: 'SLO attainment', tickFormat: percentTick },
      marks: pointMarks(placed, theme),
    },
    options,
  );
}

interface PlacedPoint {
  readonly number: number;
  readonly onFront: boolean;
  readonly cost: number;
  /** Share of 1; NaN where it is not known. */
  readonly attainment: number;
}

/** Where the axis of attainment begins: a little below the worst point. */
function lowestShown(points: readonly PlacedPoint[]): number {
  const known = points.filter(({ attainment }) => !Number.isNaN(attainment));
  const lowest = known.reduce((least, { attainment }) => Math.min(attainment, least), 1);
  return Math.max(0, lowest - (1 - lowest) * 0.05 - 0.001);
}

function pointMarks(points: readonly PlacedPoint[], theme: ChartTheme): Plot.Markish[] {
  const front = points.filter(({ onFront }) => onFront).sort((a, b) => a.cost - b.cost);
  const others = points.filter(({ onFront }) => !onFront);
  const at = { x: 'cost', y: 'attainment' } as const;
  return [
    Plot.dot(others, { ...at, r: 3, fill: theme.idle }),
    Plot.line(front, { ...at, stroke: colourOf(theme, 1), curve: 'step-after' }),
    Plot.dot(front, { ...at, r: 4.5, fill: colourOf(theme, 1) }),
    Plot.text(apart(front), {
      ...at,
      text: ({ number }: PlacedPoint) => String(number),
      dx: 8,
      dy: 8,
      textAnchor: 'start',
      fill: theme.ink,
      stroke: theme.halo,
    }),
  ];
}

/** Labels closer than this share of the axis would lie on each other. */
const LABEL_SHARE = 0.03;

/** Those points, of ascending cost, whose labels have room. */
function apart<Point extends { readonly cost: number }>(points: readonly Point[]): Point[] {
  const room = LABEL_SHARE * points.reduce((most, { cost }) => Math.max(most, cost), 0);
  const labelled: Point[] = [];
  for (const point of points) {
    const last = labelled.at(-1);
    if (last === undefined || point.cost - last.cost > room) labelled.push(point);
  }
  return labelled;
}
