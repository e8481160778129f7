import * as Plot from '@observablehq/plot';
import { columnTitle, figure, type SweepReport } from '../sweep/sweep-report.js';
import { horizontalAxis, verticalAxis } from './axes.js';
import { legend } from './legend.js';
import { domainFromZero, drawable, percentTick } from './scales.js';
import { type ChartOptions, DEFAULT_WIDTH, marginTopFor, renderChart } from './svg.js';
import { type ChartTheme, colourOf, paperTheme } from './theme.js';

const MARGIN = { left: 64, right: 24, bottom: 44 };

/** Points with their cost in the column of that name. */
type CostedPoints = Pick<SweepReport, 'points'> & { readonly cost: string };

/** What points cost, and which share of the requests under SLOs is within its limit; those that no other beats are joined. */
export function sweepFrontChart({ points, cost }: CostedPoints, options: ChartOptions = {}): string {
  const { theme = paperTheme, width = DEFAULT_WIDTH } = options;
  const placed = points.map(({ total, onFront, number }) => ({
    number,
    onFront,
    cost: drawable(figure(total, cost)),
    attainment: drawable(figure(total, 'slo_attainment')),
  }));
  const key = legend(
    [
      { label: 'not beaten by any other', colour: colourOf(theme, 1), symbol: 'dot' },
      { label: 'other points', colour: theme.idle, symbol: 'dot' },
    ],
    { width: width - MARGIN.left - MARGIN.right, theme },
  );
  return renderChart(
    {
      description: `SLO attainment over ${columnTitle(cost)}`,
      height: 320 + key.height,
      marginTop: marginTopFor(key.height),
      marginLeft: MARGIN.left,
      marginRight: MARGIN.right,
      marginBottom: MARGIN.bottom,
      x: { domain: [...domainFromZero(placed.map(({ cost }) => cost))], label: null },
      y: { domain: [lowestShown(placed), 1], label: null },
      marks: [
        ...horizontalAxis({ label: columnTitle(cost), grid: theme }),
        ...verticalAxis({
          label: 'SLO attainment',
          grid: theme,
          marginLeft: MARGIN.left,
          tickFormat: percentTick,
        }),
        ...pointMarks(placed, theme),
        ...key.marks,
      ],
    },
    { ...options, width },
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

/** Every point, the front as a line of numbered dots above the others. */
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
