import * as Plot from '@observablehq/plot';
import type { Timeline, TimelineSlice } from '../../metrics/figures/timeline.js';
import { framedChart } from './framed.js';
import { lineLegend, lookOf, MAX_COLOURED, MAX_DRAWN } from './highlight.js';
import type { LegendEntry } from './legend.js';
import { type Domain, domainFromZero, drawable, largest, percentTick, tickText } from './scales.js';
import type { ChartOptions } from './svg.js';
import { type ChartTheme, paperTheme } from './theme.js';

/** A value over the time of a run; NaN is a gap in the line. */
export interface TimeSeries {
  readonly name: string;
  readonly points: readonly { readonly timeS: number; readonly value: number }[];
  /** A second value of the same thing, drawn thin and dotted. */
  readonly companion?: readonly { readonly timeS: number; readonly value: number }[];
}

export interface TimelineOptions extends ChartOptions {
  /** Name of the value with its unit. */
  readonly label: string;
  /** Values are shares 0..1, shown as percent on a fixed axis. */
  readonly share?: boolean;
  /** End of the warm-up, marked where it is after 0. */
  readonly warmUpS?: number;
}

/** One line per series over seconds since the start of the run. */
export function timelineChart(all: readonly TimeSeries[], options: TimelineOptions): string {
  const series = all.slice(0, MAX_DRAWN);
  const { theme = paperTheme, label, share = false, warmUpS = 0 } = options;
  const names = all.map(({ name }) => name);
  const timesS = series.flatMap(({ points }) => points.map(({ timeS }) => timeS));
  const time = domainFromZero(timesS, 1);
  const { type, domain, ticks, tickFormat } = share ? SHARE_SCALE : valueScale(series);
  return framedChart(
    {
      description: `${label} over time`,
      height: 230,
      margin: { left: 60, right: 20, bottom: 40 },
      legend: [...lineLegend(names, theme), ...(warmUpS > 0 ? [warmUpEntry(theme)] : [])],
      x: { domain: time },
      y: { type, domain },
      xAxis: { label: 'time, s' },
      yAxis: { label: type === 'symlog' ? `${label} (log scale)` : label, ticks, tickFormat },
      marks: [
        ...(warmUpS > 0 ? [warmUpShade(Math.min(warmUpS, time[1]), domain, theme)] : []),
        ...series.flatMap((one, i) => lineMarks(one, i, theme)).reverse(),
      ],
    },
    options,
  );
}

/** A value of every tenant's time line as series. */
export function seriesOf(
  timelines: readonly Timeline[],
  value: keyof Omit<TimelineSlice, 'timeS'>,
  companion?: keyof Omit<TimelineSlice, 'timeS'>,
): readonly TimeSeries[] {
  const pointsOf = (bins: readonly TimelineSlice[], key: keyof TimelineSlice) =>
    bins.map((bin) => ({ timeS: bin.timeS, value: bin[key] }));
  return timelines.map(({ tenant, bins }) => ({
    name: tenant,
    points: pointsOf(bins, value),
    ...(companion !== undefined && { companion: pointsOf(bins, companion) }),
  }));
}

interface ValueScale {
  readonly type: 'linear' | 'symlog';
  readonly domain: Domain;
  readonly ticks: readonly number[];
  readonly tickFormat: (value: number) => string;
}

const SHARE_SCALE: ValueScale = {
  type: 'linear',
  domain: [0, 1],
  ticks: [0, 0.25, 0.5, 0.75, 1],
  tickFormat: percentTick,
};

/** From this ratio of the largest peak to the smallest on, a linear axis would flatten the small series. */
const FLATTENED = 30;

function valueScale(series: readonly TimeSeries[]): ValueScale {
  const peaks = series
    .map(({ points }) => largest(points.map(({ value }) => value)))
    .filter((peak) => peak > 0);
  const domain = domainFromZero(peaks);
  const spread = largest(peaks) / peaks.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const [type, ticksUpTo] =
    spread > FLATTENED ? (['symlog', symlogTicks] as const) : (['linear', linearTicks] as const);
  return { type, domain, ticks: ticksUpTo(domain[1]), tickFormat: tickText };
}

function linearTicks(high: number): readonly number[] {
  const rough = high / 4;
  const unit = Number(`1e${Math.floor(Math.log10(rough))}`);
  const step = [1, 2, 5, 10].find((factor) => factor * unit >= rough)! * unit;
  return Array.from({ length: Math.floor(high / step) + 1 }, (_, i) => i * step);
}

/** 0 and the decades, every second or third one where there are many. */
function symlogTicks(high: number): readonly number[] {
  const decades = Math.floor(Math.log10(high));
  const step = Math.ceil((decades + 1) / 6);
  const ticks = [0];
  // With many decades, 1 would be written over 0.
  for (let decade = decades > 2 ? 1 : 0; decade <= decades; decade += step) ticks.push(Number(`1e${decade}`));
  return ticks;
}

function lineMarks(
  { points, companion }: TimeSeries,
  index: number,
  theme: ChartTheme,
): readonly Plot.Markish[] {
  const { colour, dash, width, opacity } = lookOf(index, theme);
  const common = { x: 'timeS', y: 'value', stroke: colour, strokeLinejoin: 'round' } as const;
  const line = Plot.line(points.map(drawablePoint), {
    ...common,
    strokeWidth: width * 0.9,
    strokeOpacity: opacity,
    strokeDasharray: dash,
  });
  if (companion === undefined || index >= MAX_COLOURED) return [line];
  return [
    line,
    Plot.line(companion.map(drawablePoint), { ...common, strokeWidth: 1.2, strokeDasharray: '1.5 2.5' }),
  ];
}

function drawablePoint({ timeS, value }: TimeSeries['points'][number]) {
  return { timeS: drawable(timeS), value: drawable(value) };
}

const WARM_UP_OPACITY = 0.12;

/** What came before its end is not counted. */
function warmUpShade(warmUpS: number, [y1, y2]: Domain, theme: ChartTheme): Plot.Markish {
  return Plot.rect([{ x1: 0, x2: warmUpS, y1, y2 }], {
    x1: 'x1',
    x2: 'x2',
    y1: 'y1',
    y2: 'y2',
    fill: theme.muted,
    fillOpacity: WARM_UP_OPACITY,
  });
}

function warmUpEntry({ muted }: ChartTheme): LegendEntry {
  return { label: 'warm-up, not counted', colour: muted, symbol: 'square', opacity: WARM_UP_OPACITY };
}
