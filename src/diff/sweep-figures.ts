import { halfWidthOf } from '../metrics/statistics/intervals.js';
import { relativePercent } from '../metrics/statistics/paired.js';
import { type Estimate, PERCENTILES } from '../metrics/summary.js';
import { pairedBySeed, type SeedPairs } from './paired-seeds.js';
import { cellAt, type MatchedSetting, type SweepSnapshot } from './sweep-points.js';
import { unpairedDifference } from './unpaired.js';
import type { Compared } from './verdicts.js';

/** Two sweeps whose points are matched. */
export interface SweepPair {
  readonly a: SweepSnapshot;
  readonly b: SweepSnapshot;
}

/** Every figure of a tenant in one setting that both sweeps know. */
export function compareTenant(pair: SweepPair, setting: MatchedSetting, tenant: string): Compared[] {
  return figuresOf(pair, setting, tenant).flatMap((figure) => {
    const { both, ofA, ofB } = runsOf(pair, setting, { tenant, column: figure.column });
    const a = meanOf(both.length > 0 ? both.map((run) => run.a) : ofA);
    const b = meanOf(both.length > 0 ? both.map((run) => run.b) : ofB);
    if (a === undefined || b === undefined) return [];
    const { metric, unit, lowerIsBetter } = figure;
    const judged =
      both.length > 1
        ? bySeed(both, { a, b }, stepOf(pair, setting, tenant, figure))
        : { ...unpairedDifference(a, b), basis: 'intervals' as const };
    const { difference, pValue, basis } = judged;
    const about = { tenant, metric, unit, basis, lowerIsBetter };
    const percent = relativePercent(b.value - a.value, a.value);
    return [{ ...about, a, b, difference, relativePercent: percent, pValue }];
  });
}

interface Figure {
  readonly metric: string;
  readonly unit: string;
  readonly lowerIsBetter: boolean;
  /** Name of its column; those of its interval end in `_low` and `_high`. */
  readonly column: string;
}

const COMPARED_PERCENTILES = PERCENTILES.filter((percentile) => [50, 95, 99].includes(percentile));

const PLAIN_FIGURES: readonly Figure[] = [
  { metric: 'throughput', unit: 'requests/s', lowerIsBetter: false, column: 'throughput_per_s' },
  { metric: 'mean latency', unit: 'ms', lowerIsBetter: true, column: 'latency_mean_ms' },
  ...COMPARED_PERCENTILES.map(
    (percentile): Figure => ({
      metric: `p${percentile} latency`,
      unit: 'ms',
      lowerIsBetter: true,
      column: `latency_p${percentile}_ms`,
    }),
  ),
];

/** Attainment says the same of both only under the same SLO. */
function figuresOf(pair: SweepPair, setting: MatchedSetting, tenant: string): readonly Figure[] {
  const sloOf = (side: 'a' | 'b', column: string) => {
    const [row] = [...setting[side].bySeed.values()].flatMap(({ tenants }) => tenants.get(tenant) ?? []);
    return row === undefined ? null : cellAt(pair[side], column, row);
  };
  const limitMs = sloOf('a', 'slo_limit_ms');
  const percentile = sloOf('a', 'slo_percentile');
  if (limitMs === null || limitMs !== sloOf('b', 'slo_limit_ms')) return PLAIN_FIGURES;
  const known = COMPARED_PERCENTILES.some((one) => one === percentile);
  const isSame = percentile === sloOf('b', 'slo_percentile');
  const attainment = { metric: `within ${limitMs} ms`, unit: 'of 1', lowerIsBetter: false };
  const latency = { metric: `p${percentile} latency`, unit: 'ms', lowerIsBetter: true };
  return [
    ...PLAIN_FIGURES,
    ...(isSame && !known ? [{ ...latency, column: 'slo_latency_ms' }] : []),
    { ...attainment, column: 'slo_attainment' },
  ];
}

interface Runs {
  /** Of the seeds that both sweeps have. */
  readonly both: readonly { readonly a: Estimate; readonly b: Estimate }[];
  /** Of all seeds of one sweep. */
  readonly ofA: readonly Estimate[];
  readonly ofB: readonly Estimate[];
}

function runsOf(
  pair: SweepPair,
  setting: MatchedSetting,
  of: { readonly tenant: string; readonly column: string },
): Runs {
  const estimates = (side: 'a' | 'b') =>
    new Map(
      [...setting[side].bySeed].flatMap(([seed, { tenants }]): [string, Estimate][] => {
        const row = tenants.get(of.tenant);
        const estimate = row === undefined ? undefined : estimateAt(pair[side], of.column, row);
        return estimate === undefined ? [] : [[seed, estimate]];
      }),
    );
  const [a, b] = [estimates('a'), estimates('b')];
  return {
    both: [...a].flatMap(([seed, estimate]) => {
      const other = b.get(seed);
      return other === undefined ? [] : [{ a: estimate, b: other }];
    }),
    ofA: [...a.values()],
    ofB: [...b.values()],
  };
}

function estimateAt(snapshot: SweepSnapshot, column: string, row: number): Estimate | undefined {
  const cell = (name: string) => {
    const value = cellAt(snapshot, name, row);
    return typeof value === 'number' ? value : Number.NaN;
  };
  const value = cell(column);
  if (Number.isNaN(value)) return undefined;
  return { value, low: cell(`${column}_low`), high: cell(`${column}_high`) };
}

/** The mean of independent runs; their intervals shrink as the root of their number. */
function meanOf(runs: readonly Estimate[]): Estimate | undefined {
  if (runs.length === 0) return undefined;
  const value = runs.reduce((sum, run) => sum + run.value, 0) / runs.length;
  const half = Math.hypot(...runs.map(halfWidthOf)) / runs.length;
  return { value, low: value - half, high: value + half };
}

function bySeed(both: Runs['both'], overall: SeedPairs['overall'], step: number | undefined) {
  const values = (side: 'a' | 'b') => both.map((run) => run[side].value);
  return { ...pairedBySeed({ a: values('a'), b: values('b'), overall, step }), basis: 'seeds' as const };
}

/** What one request makes of a figure that counts them, under the first seed. */
function stepOf(
  { a }: SweepPair,
  setting: MatchedSetting,
  tenant: string,
  { column }: Pick<Figure, 'column'>,
): number | undefined {
  const [first] = setting.a.bySeed.values();
  const row = first?.tenants.get(tenant);
  if (row === undefined) return undefined;
  const number = (name: string) => Number(cellAt(a, name, row));
  if (column === 'throughput_per_s') return number(column) / number('completed');
  return column === 'slo_attainment' ? 1 / number('offered') : undefined;
}

/** Columns that are compared. */
export const FIGURE_COLUMNS: readonly string[] = [
  'slo_limit_ms',
  'slo_percentile',
  ...[...PLAIN_FIGURES.map(({ column }) => column), 'slo_latency_ms', 'slo_attainment'].flatMap((column) => [
    column,
    `${column}_low`,
    `${column}_high`,
  ]),
];
