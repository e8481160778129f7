import { mean } from 'simple-statistics';
import type { FitSummary } from '../../src/profile/profile.js';
import type { Doubt, Residual } from './doubt.js';
import { rowFiles, rowName } from './files.js';
import { chooseRules, groupOf, type LeaveOut, type TriedRow } from './fit.js';
import { type Folders, predictRow, type RowPrediction } from './predict.js';
import type { METRICS, MlperfRow } from './rows.js';
import { CANDIDATES, type Rules, type ServerKind, serverKind } from './rules.js';

/** Rules for each group, chosen without its rows; under '' those for a group that is not among them. */
export type ChosenRules = Readonly<Record<string, Readonly<Record<ServerKind, Rules>>>>;

/** What is kept of a fit: `results/mlperf/rules.json`. */
export interface Fit extends Doubt {
  readonly rules: ChosenRules;
  /** Round and log of the rows that were fitted to. */
  readonly seen: readonly string[];
  /** Rows by name whose service times had to be cut, and to what part. */
  readonly scales: Readonly<Record<string, number>>;
}

export function chosenRules(tried: readonly TriedRow[], by: LeaveOut): ChosenRules {
  const groups = ['', ...new Set(tried.map(({ row }) => groupOf(row, by)))];
  const kinds = Object.keys(CANDIDATES) as ServerKind[];
  return Object.fromEntries(
    groups.map((group) => {
      const others = tried.filter(({ row }) => groupOf(row, by) !== group);
      return [group, Object.fromEntries(kinds.map((kind) => [kind, chooseRules(others, kind)]))];
    }),
  ) as ChosenRules;
}

/** Requests that a row is simulated for. */
export const REQUESTS = 200_000;

/** The profiles that are shipped, by path below `calibration/`: those that {@link predictRows} used, with their errors on other GPUs. */
export function profileTexts(rows: readonly MlperfRow[], fit: Fit): ReadonlyMap<string, string> {
  return new Map(
    rows.map((row) => {
      const scale = fit.scales[rowName(row)] ?? 1;
      const by = { rules: rulesFor(row, fit), scale, fit: fitSummary(row, fit.residuals, fit.leaveOut) };
      const { profilePath, profileText } = rowFiles(row, by, '', REQUESTS);
      return [profilePath, profileText];
    }),
  );
}

function rulesFor(row: MlperfRow, { rules, leaveOut }: Pick<Fit, 'rules' | 'leaveOut'>): Rules {
  return (rules[groupOf(row, leaveOut)] ?? rules['']!)[serverKind(row)];
}

/**
 * The fit for rows of another file. None of its rows was seen by it, so that all rules of the published rows count; but one that
 * is among these keeps the rules that were fitted without its group.
 */
export function fitFor(row: MlperfRow, fit: Fit): Fit {
  return fit.seen.includes(seenKey(row)) ? fit : { ...fit, rules: { '': fit.rules['']! } };
}

export function seenKey({ round, serverPath }: MlperfRow): string {
  return `${round} ${serverPath}`;
}

export interface PredictOptions {
  readonly onProgress?: (done: number) => void;
  /** Requests that each row is simulated for. */
  readonly requests?: number;
}

export async function predictRows(
  rows: readonly MlperfRow[],
  fitOf: (row: MlperfRow) => Pick<Fit, 'rules' | 'leaveOut'> & Partial<Pick<Fit, 'residuals'>>,
  folders: Folders,
  { onProgress, requests = REQUESTS }: PredictOptions = {},
): Promise<readonly RowPrediction[]> {
  const predicted: RowPrediction[] = [];
  for (const row of rows) {
    const fit = fitOf(row);
    const by = { rules: rulesFor(row, fit), fit: fitSummary(row, fit.residuals ?? [], fit.leaveOut) };
    predicted.push(await predictRow(row, by, folders, requests));
    onProgress?.(predicted.length);
  }
  return predicted;
}

/** Errors of rows of the same kind on other GPUs, as a profile tells them; undefined where there are none. */
function fitSummary(row: MlperfRow, residuals: readonly Residual[], by: LeaveOut): FitSummary | undefined {
  const own = residuals.filter((each) => each.kind === serverKind(row) && each.group !== groupOf(row, by));
  const of = (metric: (typeof METRICS)[number]) =>
    own.filter((each) => each.metric === metric).map(({ log }) => 100 * (Math.exp(-log) - 1));
  const medians = of('p50');
  if (medians.length === 0) return undefined;
  const rms = (errors: readonly number[]) => tenth(Math.sqrt(mean(errors.map((error) => error * error))));
  const [p50, p95, p99] = (['p50', 'p95', 'p99'] as const).map((metric) => rms(of(metric))) as [
    number,
    number,
    number,
  ];
  const means = of('mean');
  return {
    method:
      'rules chosen on Server runs of other benchmarks or GPUs; errors are those of the medians of runs that were left out',
    points: medians.length,
    heldOut: medians.length,
    meanErrorPercent: tenth(mean(medians.map(Math.abs))),
    maxErrorPercent: tenth(Math.max(...medians.map(Math.abs))),
    latencyErrorPercent: { mean: means.length === 0 ? p50 : rms(means), p50, p95, p99 },
  };
}

function tenth(value: number): number {
  return Number(value.toFixed(1));
}
