import * as Plot from '@observablehq/plot';
import { columnTitle, figure, type SweepReport } from '../sweep/sweep-report.js';
import { framedChart, WIDE_MARGIN } from './framed.js';
import { MAX_COLOURED } from './highlight.js';
import { domainFromZero, drawable, percentTick } from './scales.js';
import type { ChartOptions } from './svg.js';
import { type ChartTheme, colourOf, paperTheme } from './theme.js';

/** Points with their cost in the column of that name. */
type CostedPoints = Pick<SweepReport, 'points'> & { readonly cost: string };

/**
 * What points cost, and which share of the requests under SLOs is within its limit; those that no other under the same load beats
 * are joined.
 */
export function sweepFrontChart({ points, cost }: CostedPoints, options: ChartOptions = {}): string {
  const { theme = paperTheme } = options;
  const placed = points.map(({ total, onFront, number, load }) => ({
    number,
    onFront,
    load,
    cost: drawable(figure(total, cost)),
    attainment: drawable(figure(total, 'slo_attainment')),
  }));
  const loads = [...new Set(placed.map(({ load }) => load))];
  // Of more loads nobody could tell the lines apart.
  const isTold = loads.length > 1 && loads.length <= MAX_COLOURED;
  const fronts = loads.map((load, i) => ({
    points: placed.filter((point) => point.load === load && point.onFront).sort((a, b) => a.cost - b.cost),
    label: isTold ? `${load}: not beaten` : 'not beaten by any other',
    colour: colourOf(theme, isTold ? i : 1),
  }));
  return framedChart(
    {
      description: `SLO attainment over ${columnTitle(cost)}`,
      height: 320,
      margin: WIDE_MARGIN,
      legend: [
        ...(isTold ? fronts : fronts.slice(0, 1)).map(({ label, colour }) => ({
          label,
          colour,
          symbol: 'dot' as const,
        })),
        { label: 'other points', colour: theme.idle, symbol: 'dot' },
      ],
      x: { domain: domainFromZero(placed.map(({ cost }) => cost)) },
      y: { domain: [lowestShown(placed), 1] },
      xAxis: { label: columnTitle(cost), grid: theme },
      yAxis: { label: 'SLO attainment', tickFormat: percentTick },
      marks: pointMarks(placed, fronts, theme),
    },
    options,
  );
}

interface PlacedPoint {
  readonly number: number;
  readonly onFront: boolean;
  readonly load: string | undefined;
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

interface Front {
  readonly points: readonly PlacedPoint[];
  readonly colour: string;
}

function pointMarks(
  points: readonly PlacedPoint[],
  fronts: readonly Front[],
  theme: ChartTheme,
): Plot.Markish[] {
  const others = points.filter(({ onFront }) => !onFront);
  const labelled = fronts.flatMap((front) => front.points).sort((a, b) => a.cost - b.cost);
  const at = { x: 'cost', y: 'attainment' } as const;
  return [
    Plot.dot(others, { ...at, r: 3, fill: theme.idle }),
    ...fronts.flatMap((front) => [
      Plot.line(front.points, { ...at, stroke: front.colour, curve: 'step-after' }),
      Plot.dot(front.points, { ...at, r: 4.5, fill: front.colour }),
    ]),
    Plot.text(apart(labelled), {
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
