import { inTemporaryFolder } from '../support/temporary-folder.js';
import { type Predicted, predictRow } from './predict.js';
import { chipOf, type Metric, type MlperfRow } from './rows.js';
import { CANDIDATES, type Rules, type ServerKind, serverKind } from './rules.js';

/**
 * By what rows are left out: those of a row's own group never have a say in its rules. A cell is a benchmark on a GPU: what is
 * left are rows of other benchmarks, and of other GPUs.
 */
export const LEAVE_OUT = ['cell', 'gpu', 'family', 'submitter', 'round'] as const;
export type LeaveOut = (typeof LEAVE_OUT)[number];

export function groupOf(row: MlperfRow, by: LeaveOut): string {
  const { benchmark: family, submitter, round } = row;
  const gpu = chipOf(row);
  return { cell: `${family} on ${gpu}`, gpu, family, submitter, round }[by];
}

/** Every row under every candidate of its kind of server. */
export type TriedRow = { readonly row: MlperfRow; readonly tries: readonly Predicted[] };

/** Requests that a try is simulated for: a few percent of noise in p99 do not change a choice among coarse ones. */
const TRY_REQUESTS = 30_000;
/** A candidate under which the server does not keep up is a worse one: nothing is cut. */
const AS_IT_IS = [1];

export async function tryCandidates(
  rows: readonly MlperfRow[],
  onProgress: (done: number) => void,
): Promise<readonly TriedRow[]> {
  return inTemporaryFolder(async (folder) => {
    const folders = { profiles: folder, scenarios: folder, profilesFromScenario: '..' };
    const tried: TriedRow[] = [];
    for (const [i, row] of rows.entries()) {
      const tries: Predicted[] = [];
      for (const rules of CANDIDATES[serverKind(row)])
        tries.push((await predictRow(row, { rules }, folders, TRY_REQUESTS, AS_IT_IS)).predicted);
      tried.push({ row, tries });
      onProgress(i + 1);
    }
    return tried;
  });
}

/** What a choice goes by. */
const JUDGED: readonly Metric[] = ['p50', 'p99'];
/** A row that is off by more tells nothing of a rule. */
const MOST_ERROR = 0.5;

/**
 * The candidate of a kind of server that lies nearest on these rows: least mean of the absolute logarithmic errors. Without rows
 * of the kind the first candidate, which is the plainest.
 */
export function chooseRules(tried: readonly TriedRow[], kind: ServerKind): Rules {
  const own = tried.filter(({ row }) => serverKind(row) === kind);
  const misfits = CANDIDATES[kind].map((_, i) =>
    own.reduce((sum, { row, tries }) => sum + misfit(row, tries[i]!), 0),
  );
  return CANDIDATES[kind][misfits.indexOf(Math.min(...misfits))]!;
}

/** A prediction beyond the limit is cut to it later on. */
function misfit({ measured, limitMs }: MlperfRow, predicted: Predicted): number {
  const errors = JUDGED.flatMap((metric) =>
    measured[metric] === undefined
      ? []
      : [Math.abs(Math.log(Math.min(limitMs, predicted[metric].value) / measured[metric]))],
  );
  return errors.reduce((sum, error) => sum + Math.min(MOST_ERROR, error), 0) / Math.max(1, errors.length);
}

/** Absolute errors of one metric, percent, each row under rules that were chosen without its group. */
export function leftOutErrors(
  tried: readonly TriedRow[],
  by: LeaveOut,
  metric: Metric,
): ReadonlyMap<MlperfRow, number> {
  const errors = tried.flatMap(({ row, tries }): [MlperfRow, number][] => {
    const kind = serverKind(row);
    const others = tried.filter((each) => groupOf(each.row, by) !== groupOf(row, by));
    const predicted = tries[CANDIDATES[kind].indexOf(chooseRules(others, kind))]![metric].value;
    const measured = row.measured[metric];
    if (measured === undefined) return [];
    return [[row, 100 * Math.abs(Math.min(predicted, row.limitMs) / measured - 1)]];
  });
  return new Map(errors);
}
