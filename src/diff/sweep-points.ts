import { InputError } from '../base/problem.js';
import type { SweepCell } from '../sweep/row.js';

/** What is known of one sweep when it is compared with another. */
export interface SweepSnapshot {
  readonly name: string;
  readonly axes: readonly string[];
  /** Cells of the columns that are compared, by name; all of one length. */
  readonly columns: ReadonlyMap<string, readonly SweepCell[]>;
  /** The axis whose values are seeds: its points are replications of one setting. */
  readonly seedAxis?: string;
  /** Program that simulated. */
  readonly engine: string;
  /** The sweep file, and the scenario of one point that both sweeps have, as plain data where the folder kept them. */
  readonly spec?: unknown;
  readonly scenario?: unknown;
}

/** Columns by which rows are told apart, besides the axes. */
export const POINT_COLUMNS: readonly string[] = ['point', 'key', 'tenant', 'is_total'];

/** One point: where its rows are. */
export interface SweepPointRows {
  readonly number: number;
  /** Address of its content: equal keys are equal scenarios under one program. */
  readonly key: string;
  /** Row of the table by tenant. */
  readonly tenants: ReadonlyMap<string, number>;
  readonly total: number | undefined;
}

/** Points that differ only in their seed, in the order of the table. */
export interface Setting {
  /** Values of the axes that both sweeps have, without that of seeds. */
  readonly values: readonly SweepCell[];
  /** By the seed as text; empty where the sweep has no axis of seeds. */
  readonly bySeed: ReadonlyMap<string, SweepPointRows>;
}

/** A setting that both sweeps have. */
export interface MatchedSetting {
  readonly values: readonly SweepCell[];
  readonly a: Setting;
  readonly b: Setting;
}

export interface MatchedSweeps {
  /** Axes by which points were matched. */
  readonly axes: readonly string[];
  /** Axes that stand still in each sweep, at different values: what the comparison is about. */
  readonly subjects: readonly { readonly axis: string; readonly a: SweepCell; readonly b: SweepCell }[];
  readonly matched: readonly MatchedSetting[];
  readonly onlyIn: { readonly a: readonly Setting[]; readonly b: readonly Setting[] };
}

/**
 * Matches the points of two sweeps by the axes that both have; seeds are replications. An axis of one value in each is no hindrance
 * where the two are different: two placements, say, each swept by itself.
 * @throws InputError where one of them has an axis of several values that the other does not have
 */
export function matchSweeps(a: SweepSnapshot, b: SweepSnapshot): MatchedSweeps {
  requireMatchable(a, b);
  requireMatchable(b, a);
  const shared = settingAxes(a).filter((axis) => settingAxes(b).includes(axis));
  const subjects = shared.flatMap((axis) => {
    const [ofA, ofB] = [valuesOf(a, axis), valuesOf(b, axis)];
    const isSubject = ofA.length === 1 && ofB.length === 1 && String(ofA[0]) !== String(ofB[0]);
    return isSubject ? [{ axis, a: ofA[0]!, b: ofB[0]! }] : [];
  });
  const axes = shared.filter((name) => !subjects.some(({ axis }) => axis === name));
  const [ofA, ofB] = [settingsOf(a, axes), settingsOf(b, axes)];
  return {
    axes,
    subjects,
    matched: [...ofA].flatMap(([key, setting]) => {
      const other = ofB.get(key);
      return other === undefined ? [] : [{ values: setting.values, a: setting, b: other }];
    }),
    onlyIn: { a: missing(ofA, ofB), b: missing(ofB, ofA) },
  };
}

function settingAxes({ axes, seedAxis }: SweepSnapshot): readonly string[] {
  return axes.filter((axis) => axis !== seedAxis);
}

/** An axis that only one sweep has must stand still there. */
function requireMatchable(one: SweepSnapshot, other: SweepSnapshot): void {
  const problems = settingAxes(one)
    .filter((axis) => !settingAxes(other).includes(axis))
    .flatMap((axis) => {
      const values = valuesOf(one, axis).length;
      if (values <= 1) return [];
      const what = `its axis "${axis}" has ${values} values, and ${other.name} has no such axis: points cannot be matched`;
      return [{ file: one.name, what, remedy: `sweep both over "${axis}", or over one value of it` }];
    });
  if (problems.length > 0) throw new InputError(problems);
}

/** Each value of an axis once. */
function valuesOf({ columns }: SweepSnapshot, axis: string): readonly SweepCell[] {
  return [...new Map(columns.get(axis)?.map((cell) => [String(cell), cell])).values()];
}

function settingsOf(snapshot: SweepSnapshot, axes: readonly string[]): Map<string, Setting> {
  const cellsOf = (name: string) => snapshot.columns.get(name) ?? [];
  const axisCells = axes.map(cellsOf);
  const seeds = snapshot.seedAxis === undefined ? [] : cellsOf(snapshot.seedAxis);
  const [numbers, keys, tenants, totals] = POINT_COLUMNS.map(cellsOf);
  const settings = new Map<string, { values: SweepCell[]; bySeed: Map<string, OpenPoint> }>();
  for (let row = 0; row < numbers!.length; row++) {
    const values = axisCells.map((cells) => cells[row]!);
    const key = JSON.stringify(values.map(String));
    const setting = settings.get(key) ?? { values, bySeed: new Map<string, OpenPoint>() };
    settings.set(key, setting);
    const seed = String(seeds[row] ?? '');
    const number = Number(numbers![row]);
    const point = setting.bySeed.get(seed) ?? {
      number,
      key: String(keys![row] ?? ''),
      tenants: new Map<string, number>(),
      total: undefined,
    };
    // Random designs may draw the same point twice: the same figures.
    if (point.number !== number) continue;
    setting.bySeed.set(seed, point);
    if (totals![row] === true) point.total = row;
    else point.tenants.set(String(tenants![row]), row);
  }
  return settings;
}

interface OpenPoint {
  readonly number: number;
  readonly key: string;
  readonly tenants: Map<string, number>;
  total: number | undefined;
}

function missing(from: ReadonlyMap<string, Setting>, other: ReadonlyMap<string, Setting>): Setting[] {
  return [...from].flatMap(([key, setting]) => (other.has(key) ? [] : [setting]));
}

/** A cell of a row; null where it is not known. */
export function cellAt({ columns }: SweepSnapshot, column: string, row: number): SweepCell {
  return columns.get(column)?.[row] ?? null;
}
