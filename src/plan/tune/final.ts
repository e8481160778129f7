import { comparePaired, type PairedComparison } from '../../metrics/statistics/paired.js';
import type { CandidateFigures } from './figures.js';
import type { TuneSearch } from './job.js';
import {
  bestFirst,
  differInValue,
  isLowerBetter,
  OBJECTIVE_UNITS,
  type Objective,
  objectiveOf,
  type Score,
  scoreOf,
  tailOf,
} from './score.js';
import { type Candidate, candidateKey } from './space.js';

/** A candidate with all its full runs, one per replication. */
export interface Finalist {
  readonly candidate: Candidate;
  readonly runs: readonly CandidateFigures[];
  readonly score: Score;
  /** Whether it was dropped early because it was clearly worse. */
  readonly dropped: boolean;
}

export interface FinalOptions {
  readonly objective: Objective;
  /** First replication used, and how many at most. */
  readonly from: number;
  readonly replications: number;
}

/** Before this many replications nobody is dropped. */
const FEWEST = 3;

/**
 * Full runs of the finalists under one seed after the other. Who is significantly worse than the leader
 * in a paired comparison is dropped (racing: Maron & Moore, 1994); the others go on to the end. Best
 * first, those dropped last.
 */
export function* playFinal(candidates: readonly Candidate[], options: FinalOptions): TuneSearch<Finalist[]> {
  const { objective, from, replications } = options;
  let field = candidates.map((candidate) => ({ candidate, runs: [] as readonly CandidateFigures[] }));
  const dropped: Finalist[] = [];
  for (let r = 0; r < replications && field.length > 0; r++) {
    const figures = yield field.map(({ candidate }) => ({ candidate, replication: from + r, share: 1 }));
    field = field.map(({ candidate, runs }, i) => ({ candidate, runs: [...runs, figures[i]!] }));
    if (r + 1 < FEWEST || r + 1 === replications) continue;
    const standing = standingOf(field, objective);
    const worse = standing.slice(1).filter((other) => isClearlyWorse(other, standing[0]!, objective));
    dropped.push(...worse.map((other) => ({ ...other, dropped: true })));
    const gone = new Set(worse.map(({ candidate }) => candidateKey(candidate)));
    field = field.filter(({ candidate }) => !gone.has(candidateKey(candidate)));
  }
  return [...standingOf(field, objective), ...bestFirst(dropped, objective)];
}

/** How sure it is that the one is better than the other. */
export interface Sureness {
  /** What decides between the two: the objective, its tie-breaker, or an SLO that one of them breaks. */
  readonly by: 'objective' | 'tail latency' | 'SLO';
  /** Of the deciding figure, winner minus other; `difference` has the 95 % interval. */
  readonly comparison: PairedComparison;
  /** Probability that the winner is better in that figure, from the paired t-test; NaN where it cannot be told. */
  readonly probability: number;
}

/** Compares two candidates replication by replication; both have the same seeds. */
export function compareFinalists(winner: Finalist, other: Finalist, objective: Objective): Sureness {
  const by = decidedBy(winner.score, other.score);
  const figure = FIGURES[by];
  const comparison = comparePaired({
    what: by === 'objective' ? objective : by === 'SLO' ? 'attainment of the SLOs' : by,
    unit: by === 'objective' ? OBJECTIVE_UNITS[objective] : by === 'SLO' ? 'of 1' : 'ms',
    nameA: 'the other',
    nameB: 'the winner',
    a: other.runs.map((run) => figure(run, objective)),
    b: winner.runs.map((run) => figure(run, objective)),
    pairs: 'replications',
  });
  const lowerWins = by === 'tail latency' || (by === 'objective' && isLowerBetter(objective));
  const isAhead = lowerWins ? comparison.difference.value < 0 : comparison.difference.value > 0;
  const { pValue } = comparison;
  return { by, comparison, probability: isAhead ? 1 - pValue / 2 : pValue / 2 };
}

type Deciding = Sureness['by'];

function decidedBy(a: Score, b: Score): Deciding {
  if (a.shortfall !== b.shortfall) return 'SLO';
  return differInValue(a, b) ? 'objective' : 'tail latency';
}

const FIGURES: Readonly<Record<Deciding, (run: CandidateFigures, objective: Objective) => number>> = {
  objective: objectiveOf,
  'tail latency': tailOf,
  SLO: (run, objective) => -scoreOf([run], { objective }).shortfall,
};

function isClearlyWorse(other: Finalist, leader: Finalist, objective: Objective): boolean {
  const { comparison, probability } = compareFinalists(leader, other, objective);
  return comparison.significant && probability > 0.5;
}

function standingOf(
  field: readonly Pick<Finalist, 'candidate' | 'runs'>[],
  objective: Objective,
): Finalist[] {
  const finalists = field.map((each) => ({
    ...each,
    score: scoreOf(each.runs, { objective }),
    dropped: false,
  }));
  return bestFirst(finalists, objective);
}
