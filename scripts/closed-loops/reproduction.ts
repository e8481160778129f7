import { mean, median } from 'simple-statistics';
import { groupBy } from '../../src/base/group-by.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import type { ClientSpec } from '../../src/scenario/spec/tenant-spec.js';
import { errorPercent, halfRange } from '../support/points.js';
import { namedBy } from '../support/script-options.js';
import { FIGURES, type Figures, predict } from './predict.js';
import type { MeasuredRow } from './rows.js';

/** A case as it was measured, beside what was predicted for perf_analyzer's threads and for an ideal client. */
export interface JudgedCase {
  readonly name: string;
  readonly clients: number;
  readonly runs: number;
  readonly measured: Figures;
  /** Half of what throughput differed by from run to run, in percent. */
  readonly spreadPercent: number;
  /** What a resend was taken to cost, where it was chosen by the other cases. */
  readonly sendUs?: number;
  readonly predicted: Figures;
  readonly ideal: Figures;
}

export interface ClosedLoopsOptions {
  readonly rows: readonly MeasuredRow[];
  readonly profiles: readonly ModelProfile[];
  /**
   * Of cases whose name holds this text no measured figure has a part in the choice of what a resend costs; '' chooses for each
   * case by all others. Absent = the cost is that of `client: {kind: perf-analyzer}`.
   */
  readonly leftOut?: string | undefined;
  readonly onProgress: (what: string) => void;
}

/** What a resend may cost, microseconds. */
const CANDIDATES_US = [30, 40, 50, 60, 70, 80, 94, 110, 130, 150] as const;

const perfAnalyzer = (sendUs?: number): ClientSpec => ({
  kind: 'perf-analyzer',
  ...(sendUs !== undefined && { sendUs }),
});

export function judgeClosedLoops(options: ClosedLoopsOptions): JudgedCase[] {
  const { rows, profiles, leftOut, onProgress } = options;
  const cases = [...groupBy(rows, ({ name }) => name).values()].map((runs) => ({
    ...runs[0]!,
    runs,
    measured: medianOf(runs),
  }));
  const isLeftOut = ({ name }: Case) => leftOut !== undefined && name.includes(leftOut);
  if (leftOut !== undefined)
    namedBy({ option: 'leave-out', text: leftOut, kind: 'case' }, cases, ({ name }) => name);
  const othersOf = (own: Case) =>
    cases.map((each) => (leftOut === '' ? each.name !== own.name : !isLeftOut(each)));
  // A lone case has no others to choose by.
  const errors =
    leftOut !== undefined && othersOf(cases[0]!).includes(true)
      ? errorsByCandidate(cases, options)
      : undefined;
  return cases.map((each): JudgedCase => {
    const { name, clients, model, runs, measured } = each;
    onProgress(`${name} clients`);
    const chosenUs = errors && isLeftOut(each) ? bestFor(errors, othersOf(each)) : undefined;
    const throughputs = runs.map(({ throughputPerS }) => throughputPerS);
    return {
      ...{ name, clients, runs: runs.length, measured },
      spreadPercent: (100 * halfRange(throughputs)) / mean(throughputs),
      ...(chosenUs !== undefined && { sendUs: chosenUs }),
      predicted: predict({ model, clients }, perfAnalyzer(chosenUs), profiles),
      ideal: predict({ model, clients }, { kind: 'ideal' }, profiles),
    };
  });
}

/** One run that something held up does not count. */
function medianOf(runs: readonly MeasuredRow[]): Figures {
  const of = (figure: keyof Figures) => median(runs.map((run) => run[figure]));
  return Object.fromEntries(FIGURES.map((figure) => [figure, of(figure)])) as Figures;
}

type Case = Pick<MeasuredRow, 'name' | 'model' | 'clients'> & { readonly measured: Figures };

/** Absolute errors of throughput in percent: for each candidate, those of all cases. */
function errorsByCandidate(
  cases: readonly Case[],
  { profiles, onProgress }: ClosedLoopsOptions,
): readonly (readonly number[])[] {
  return CANDIDATES_US.map((sendUs) => {
    onProgress(`all cases with ${sendUs} us`);
    return cases.map((each) => {
      const { throughputPerS } = predict(each, perfAnalyzer(sendUs), profiles);
      return Math.abs(errorPercent(throughputPerS, each.measured.throughputPerS));
    });
  });
}

/** The candidate with the least mean error over some cases. */
function bestFor(errors: readonly (readonly number[])[], counts: readonly boolean[]): number {
  const scores = errors.map((own) => mean(own.filter((_, place) => counts[place])));
  return CANDIDATES_US[scores.indexOf(Math.min(...scores))]!;
}
