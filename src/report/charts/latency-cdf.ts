import * as Plot from '@observablehq/plot';
import type { LatencyDistribution } from '../../metrics/figures/tenant-series.js';
import type { TenantSummary } from '../../metrics/summary.js';
import { formatSetting } from '../format.js';
import type { RunDoubt } from '../run-report.js';
import { framedChart } from './framed.js';
import { lineLegend, lookOf, MAX_COLOURED, MAX_DRAWN } from './highlight.js';
import { type Domain, isLogDrawable, logDomain, logTicks, percentTick } from './scales.js';
import { type ChartOptions, DEFAULT_WIDTH } from './svg.js';
import { type ChartTheme, paperTheme } from './theme.js';

export interface LatencyCdfOptions extends ChartOptions {
  /** Whose SLO limits to mark. */
  readonly tenants?: readonly TenantSummary[];
  /** Draw the share that took longer, on a log scale: the tail in place of the body. */
  readonly tail?: boolean;
  /** Where else the curves may lie, as bands. */
  readonly doubt?: RunDoubt | undefined;
}

const MARGIN = { left: 56, right: 20, bottom: 40 };
const TAIL_TICKS = [1, 0.1, 0.01, 0.001, 0.0001, 0.00001];

/** Latency of each tenant as a distribution function over a log axis, with the limits of the SLOs. */
export function latencyCdfChart(
  cdfs: readonly LatencyDistribution[],
  options: LatencyCdfOptions = {},
): string {
  const { theme = paperTheme, width = DEFAULT_WIDTH, tail = false, tenants = [], doubt } = options;
  const names = cdfs.map(({ tenant }) => tenant);
  const curves = cdfs.slice(0, MAX_DRAWN).map((cdf) => curveOf(cdf, tail));
  const floor = tail ? tailFloor(curves) : 0;
  const limits = sloLimits(tenants, cdfs);
  const bands = cdfs.slice(0, MAX_COLOURED).map(({ tenant }) => bandOf(tenant, doubt, tail));
  const x = logDomain([
    ...curves.flat().map(({ ms }) => ms),
    ...bands.flat().flatMap(({ low, high }) => [low, high]),
    ...limits.map(({ limitMs }) => limitMs),
  ]);
  return framedChart(
    {
      description: tail
        ? 'Share of requests slower than a latency, by tenant'
        : 'Cumulative latency distribution by tenant',
      height: 330,
      margin: MARGIN,
      legend: lineLegend(names, theme),
      x: { type: 'log', domain: x },
      y: { type: tail ? 'log' : 'linear', domain: [floor, 1] },
      xAxis: { label: 'latency, ms (log scale)', ticks: logTicks(x), grid: theme },
      yAxis: {
        label: tail ? 'share of requests slower (log scale)' : 'share of requests at most this slow',
        ticks: tail ? TAIL_TICKS.filter((share) => share >= floor) : [0, 0.25, 0.5, 0.75, 1],
        tickFormat: percentTick,
      },
      marks: [
        ...sloMarks(limits, { x, width, tail, curves, theme }),
        ...bands.map((band, i) => bandMark(band, i, theme)),
        ...curves.map((curve, i) => curveMark(curve, i, theme)).reverse(),
      ],
    },
    options,
  );
}

interface Point {
  readonly ms: number;
  readonly y: number;
}

function curveOf({ points }: LatencyDistribution, tail: boolean): readonly Point[] {
  return points
    .map(({ ms, share }) => ({ ms, y: tail ? 1 - share : share }))
    .filter(({ ms, y }) => isLogDrawable(ms) && Number.isFinite(y) && (!tail || y > 1e-9));
}

interface BandPoint {
  readonly low: number;
  readonly high: number;
  readonly y: number;
}

function bandOf(tenant: string, doubt: RunDoubt | undefined, tail: boolean): readonly BandPoint[] {
  const known = doubt?.tenants.find((each) => each.tenant === tenant)?.percentilesMs ?? [];
  return known
    .map(({ percentile, low, high }) => ({ low, high, y: tail ? 1 - percentile / 100 : percentile / 100 }))
    .filter((point): point is BandPoint => isLogDrawable(point.low) && isLogDrawable(point.high ?? 0))
    .sort((a, b) => a.y - b.y);
}

function bandMark(band: readonly BandPoint[], index: number, theme: ChartTheme): Plot.Markish {
  const { colour } = lookOf(index, theme);
  return Plot.areaX(band, { y: 'y', x1: 'low', x2: 'high', fill: colour, fillOpacity: 0.16 });
}

/** The decade below the smallest share shown, between 1 % and 1 in 100,000. */
function tailFloor(curves: readonly (readonly Point[])[]): number {
  const smallest = curves.flat().reduce((least, { y }) => Math.min(least, y), 1);
  const decade = Math.floor(Math.log10(smallest) + 1e-9);
  return Number(`1e${Math.min(Math.max(decade, -5), -2)}`);
}

function curveMark(curve: readonly Point[], index: number, theme: ChartTheme): Plot.Markish {
  const { colour, dash, width, opacity } = lookOf(index, theme);
  return Plot.line(curve, {
    x: 'ms',
    y: 'y',
    stroke: colour,
    strokeWidth: width,
    strokeOpacity: opacity,
    strokeDasharray: dash,
    strokeLinejoin: 'round',
  });
}

interface SloLimit {
  readonly limitMs: number;
  /** Of the only tenant that has it; -1 where several do. */
  readonly index: number;
}

/** Distinct limits of the tenants drawn in colour, ascending. */
function sloLimits(
  tenants: readonly TenantSummary[],
  cdfs: readonly LatencyDistribution[],
): readonly SloLimit[] {
  const byLimit = new Map<number, number>();
  for (const [index, { tenant }] of cdfs.slice(0, MAX_COLOURED).entries()) {
    const limitMs = tenants.find((candidate) => candidate.tenant === tenant)?.slo?.limitMs;
    if (limitMs === undefined || !isLogDrawable(limitMs)) continue;
    byLimit.set(limitMs, byLimit.has(limitMs) ? -1 : index);
  }
  return [...byLimit].map(([limitMs, index]) => ({ limitMs, index })).sort((a, b) => a.limitMs - b.limitMs);
}

/** Pixels of a label that stands upright. */
const LABEL_WIDTH = 16;

interface SloMarksOptions {
  readonly x: Domain;
  readonly width: number;
  readonly tail: boolean;
  readonly curves: readonly (readonly Point[])[];
  readonly theme: ChartTheme;
}

function sloMarks(
  limits: readonly SloLimit[],
  { x, width, tail, curves, theme }: SloMarksOptions,
): readonly Plot.Markish[] {
  const pixels = (ms: number) =>
    ((width - MARGIN.left - MARGIN.right) * Math.log(ms / x[0])) / Math.log(x[1] / x[0]);
  let labelledTo = Number.NEGATIVE_INFINITY;
  return limits.flatMap(({ limitMs, index }) => {
    const colour = index < 0 ? theme.ink : lookOf(index, theme).colour;
    const rule = Plot.ruleX([limitMs], { stroke: colour, strokeDasharray: '2 3', strokeWidth: 1.5 });
    // Where the curve comes down to the line from its left, the tail has room to the right of it.
    const later = curves[index]?.find(({ ms }) => ms >= limitMs);
    const side = tail && index >= 0 && (later?.y ?? 0) < 0.5 ? 'right' : 'left';
    const from = pixels(limitMs) - (side === 'left' ? LABEL_WIDTH : 0);
    if (from < labelledTo) return [rule];
    labelledTo = from + LABEL_WIDTH;
    return [rule, limitLabel(limitMs, { end: tail ? 'top' : 'bottom', side, colour, halo: theme.halo })];
  });
}

interface LimitLabel {
  readonly end: 'top' | 'bottom';
  readonly side: 'left' | 'right';
  readonly colour: string;
  readonly halo: string;
}

/** At the end of the line where curves seldom are: low for the body, high for the tail. */
function limitLabel(limitMs: number, { end, side, colour, halo }: LimitLabel): Plot.Markish {
  return Plot.text([`SLO ${formatSetting(limitMs)} ms`], {
    x: [limitMs],
    frameAnchor: end,
    rotate: -90,
    textAnchor: end === 'bottom' ? 'start' : 'end',
    lineAnchor: side === 'left' ? 'bottom' : 'top',
    dx: side === 'left' ? -4 : 4,
    dy: end === 'bottom' ? -8 : 8,
    fill: colour,
    stroke: halo,
    strokeWidth: 4,
  });
}
