import { groupBy } from '../base/group-by.js';
import { SEVERITY } from '../metrics/figures/stability.js';
import type { SweepCell } from '../sweep/row.js';
import { changesBetween, isViolatedSlo, keptByBoth, type ValueChange } from './changes.js';
import { compareTenant, type SweepPair } from './sweep-figures.js';
import {
  cellAt,
  type MatchedSetting,
  matchSweeps,
  type Setting,
  type SweepPointRows,
  type SweepSnapshot,
} from './sweep-points.js';
import {
  type ChangeVerdict,
  type Compared,
  type DiffOptions,
  judgeAll,
  type MetricChange,
} from './verdicts.js';

/** What changed between two sweeps, point by point, and what lies behind it. */
export interface SweepDiff {
  readonly a: string;
  readonly b: string;
  /** Axes by which points were matched; those that differ only in their seed are one setting. */
  readonly axes: readonly string[];
  readonly settings: readonly SettingDiff[];
  /** Each figure of each tenant over all settings. */
  readonly overview: readonly FigureOverview[];
  readonly onlyIn: { readonly a: readonly LoneSetting[]; readonly b: readonly LoneSetting[] };
  /** Program and sweep file. */
  readonly behind: readonly ValueChange[];
  readonly isWorse: boolean;
}

/** A setting of both sweeps. */
export interface SettingDiff {
  /** In the order of the axes. */
  readonly values: readonly SweepCell[];
  /** Numbers of the points in each sweep. */
  readonly points: { readonly a: readonly number[]; readonly b: readonly number[] };
  /** Seeds that both sweeps have, 1 where there is no axis of seeds; and seeds of one side only. */
  readonly seeds: {
    readonly both: number;
    readonly onlyA: readonly string[];
    readonly onlyB: readonly string[];
  };
  /** Both sweeps simulated the very same: nothing can differ. */
  readonly isSame: boolean;
  readonly metrics: readonly MetricChange[];
  /** Prices, verdicts, tenants: what has no interval. */
  readonly facts: readonly ValueChange[];
}

export interface FigureOverview {
  readonly tenant: string;
  readonly metric: string;
  readonly counts: Readonly<Record<ChangeVerdict, number>>;
  /** Change of b against a in percent: least, middle and most of the settings; NaN where none is known. */
  readonly percent: { readonly least: number; readonly median: number; readonly most: number };
}

export interface LoneSetting {
  readonly values: readonly SweepCell[];
  readonly points: readonly number[];
}

/**
 * Compares b with a: positive differences are increases. Among the figures of all settings significance
 * is judged together, so that many points do not make differences by their number.
 * @throws InputError where the points cannot be matched
 */
export function diffSweeps(a: SweepSnapshot, b: SweepSnapshot, options: DiffOptions = {}): SweepDiff {
  const { axes, subjects, matched, onlyIn } = matchSweeps(a, b);
  const pair = { a, b };
  const open = matched.map((setting) => ({
    setting,
    isSame: isSame(setting),
    compared: compareSetting(pair, setting),
  }));
  // What is the same by its making is no question to be answered by chance.
  const judged = judgeAll(
    open.flatMap(({ isSame: same, compared }) => (same ? [] : compared)),
    options.tolerancePercent ?? 0,
  );
  let next = 0;
  const settings = open.map(({ setting, isSame: same, compared }): SettingDiff => {
    const metrics = same ? compared.map(equal) : judged.slice(next, next + compared.length);
    if (!same) next += compared.length;
    return { ...aboutSetting(setting), isSame: same, metrics, facts: changedFacts(pair, setting) };
  });
  const sideOf = (side: 'a' | 'b') => Object.fromEntries(subjects.map((one) => [one.axis, one[side]]));
  return {
    a: a.name,
    b: b.name,
    axes,
    settings,
    overview: overviewOf(settings),
    onlyIn: { a: onlyIn.a.map(lone), b: onlyIn.b.map(lone) },
    behind: [
      ...changesBetween(originOf(a), originOf(b)),
      ...changesBetween(sideOf('a'), sideOf('b')),
      ...keptByBoth('sweep', a.spec, b.spec),
      // What the sweep file says, as far as one point shows it, and what lies in other files.
      ...keptByBoth('scenario', a.scenario, b.scenario),
    ],
    isWorse: settings.some(
      ({ metrics, facts }) => metrics.some(({ verdict }) => verdict === 'worse') || facts.some(isViolatedSlo),
    ),
  };
}

function isSame({ a, b }: MatchedSetting): boolean {
  const keys = [...a.bySeed].map(
    ([seed, point]) => point.key !== '' && point.key === b.bySeed.get(seed)?.key,
  );
  return a.bySeed.size === b.bySeed.size && keys.every(Boolean);
}

function compareSetting(pair: SweepPair, setting: MatchedSetting): Compared[] {
  const names = (side: Setting) =>
    new Set([...side.bySeed.values()].flatMap(({ tenants }) => [...tenants.keys()]));
  const ofB = names(setting.b);
  const shared = [...names(setting.a)].filter((tenant) => ofB.has(tenant));
  return shared.flatMap((tenant) => compareTenant(pair, setting, tenant));
}

function equal({ lowerIsBetter: _, ...change }: Compared): MetricChange {
  return { ...change, pValue: 1, verdict: 'equal' };
}

function aboutSetting({ values, a, b }: MatchedSetting): Pick<SettingDiff, 'values' | 'points' | 'seeds'> {
  const [seedsA, seedsB] = [[...a.bySeed.keys()], [...b.bySeed.keys()]];
  const both = seedsA.filter((seed) => b.bySeed.has(seed));
  return {
    values,
    points: { a: numbersOf(a), b: numbersOf(b) },
    seeds: {
      both: both.length,
      onlyA: seedsA.filter((seed) => seed !== '' && !both.includes(seed)),
      onlyB: seedsB.filter((seed) => seed !== '' && !both.includes(seed)),
    },
  };
}

function numbersOf({ bySeed }: Setting): number[] {
  return [...bySeed.values()].map(({ number }) => number);
}

function lone(setting: Setting): LoneSetting {
  return { values: setting.values, points: numbersOf(setting) };
}

function overviewOf(settings: readonly SettingDiff[]): FigureOverview[] {
  const all = settings.flatMap(({ metrics }) => metrics);
  const figures = groupBy(all, ({ tenant, metric }) => JSON.stringify([tenant, metric]));
  return [...figures.values()].map((changes) => {
    const counts = { better: 0, worse: 0, 'no clear difference': 0, equal: 0, unknown: 0 };
    for (const { verdict } of changes) counts[verdict]++;
    const percent = changes.map((change) => change.relativePercent).filter(Number.isFinite);
    percent.sort((x, y) => x - y);
    const at = (share: number) => percent[Math.floor(share * (percent.length - 1))] ?? Number.NaN;
    const { tenant, metric } = changes[0]!;
    return { tenant, metric, counts, percent: { least: at(0), median: at(0.5), most: at(1) } };
  });
}

/** What has no interval, and differs. */
function changedFacts(pair: SweepPair, setting: MatchedSetting): ValueChange[] {
  return changesBetween(factsOf(pair.a, setting.a), factsOf(pair.b, setting.b));
}

/** Columns of what has no interval. */
export const FACT_COLUMNS: readonly string[] = ['usd_per_hour', 'devices', 'stability', 'slo_met'];

function factsOf(snapshot: SweepSnapshot, { bySeed }: Setting) {
  const points = [...bySeed.values()];
  const cells = (column: string, rowOf: (point: SweepPointRows) => number | undefined) =>
    points.map((point) => {
      const row = rowOf(point);
      return row === undefined ? null : cellAt(snapshot, column, row);
    });
  const ofAll = (column: string) => distinct(cells(column, ({ total }) => total));
  const tenants = [...new Set(points.flatMap((point) => [...point.tenants.keys()]))];
  return {
    usdPerHour: ofAll('usd_per_hour'),
    devices: ofAll('devices'),
    tenants: tenants.map((name) => {
      const own = (column: string) => cells(column, (point) => point.tenants.get(name));
      const met = own('slo_met').filter((cell) => cell !== null);
      return {
        name,
        stability: worstStability(own('stability')),
        ...(own('slo_percentile').some((cell) => cell !== null) && {
          slo: `p${distinct(own('slo_percentile'))} <= ${distinct(own('slo_limit_ms'))} ms`,
          sloMet: metUnder(met),
        }),
      };
    }),
  };
}

/** `met`: under each seed of which it is known. */
function metUnder(met: readonly SweepCell[]): boolean | 'under some seeds' | null {
  if (met.length === 0) return null;
  return met.every(Boolean) || (met.some(Boolean) ? 'under some seeds' : false);
}

/** The value of all points, or a list where they differ. */
function distinct(cells: readonly SweepCell[]): unknown {
  const values = [...new Set(cells)];
  return values.length === 1 ? values[0] : values;
}

function worstStability(cells: readonly SweepCell[]): string {
  return SEVERITY.findLast((verdict) => cells.includes(verdict)) ?? 'unknown';
}

function originOf({ engine, axes }: SweepSnapshot) {
  return { engine, axes };
}
