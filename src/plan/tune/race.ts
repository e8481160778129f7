import type { CandidateFigures } from './figures.js';
import type { TuneJob, TuneSearch } from './job.js';
import { compareScores, type Objective, type Score, scoreOf } from './score.js';
import type { Candidate } from './space.js';

/** A candidate with the score of the longest run it had. */
export interface Ranked {
  readonly candidate: Candidate;
  readonly score: Score;
}

export interface RaceOptions {
  readonly objective: Objective;
  /** Parts of the run that the rounds simulate, ascending to 1. */
  readonly shares: readonly number[];
  /** Candidates that are never cut below. */
  readonly keep: number;
}

/** Each round keeps a third of its candidates and gives those three times as long. */
export const CUT = 3;

/**
 * Successive halving (Jamieson & Talwalkar, AISTATS 2016; here by thirds) under common random numbers:
 * all candidates run a short part of the same run, the better third a longer one, and so on to the
 * whole. Gives those of the last round, then those cut, last cut first. At least `keep` come to the last.
 */
export function* race(candidates: readonly Candidate[], options: RaceOptions): TuneSearch<Ranked[]> {
  let field = candidates;
  let cut: Ranked[] = [];
  for (const [round, share] of options.shares.entries()) {
    const figures = yield field.map((candidate): TuneJob => ({ candidate, replication: 1, share }));
    const ranked = rank(field, figures, { objective: options.objective, lenient: share < 1 });
    if (round === options.shares.length - 1) return [...twinsLast(ranked), ...cut];
    const stay = Math.max(options.keep, Math.ceil(field.length / CUT));
    cut = [...ranked.slice(stay), ...cut];
    field = ranked.slice(0, stay).map(({ candidate }) => candidate);
  }
  return [];
}

/** Best first; equal ones in the order in which they came. */
function rank(
  candidates: readonly Candidate[],
  figures: readonly CandidateFigures[],
  options: { readonly objective: Objective; readonly lenient: boolean },
): Ranked[] {
  return candidates
    .map((candidate, i) => ({ candidate, score: scoreOf([figures[i]!], options) }))
    .sort((a, b) => compareScores(a.score, b.score, options.objective));
}

/**
 * Settings that never come to bear (a third instance that is never used) give the same run to the last
 * digit. The first of such twins stands for all, so that the final is not played among them.
 */
export function twinsLast(ranked: readonly Ranked[]): Ranked[] {
  const firsts = new Map<string, Ranked>();
  const twins: Ranked[] = [];
  for (const one of ranked) {
    const { shortfall, value, tailMs } = one.score;
    const key = `${shortfall} ${value} ${tailMs}`;
    if (firsts.has(key)) twins.push(one);
    else firsts.set(key, one);
  }
  return [...firsts.values(), ...twins];
}
