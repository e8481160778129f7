import { compareFinalists, type Finalist, playFinal, type Sureness } from './final.js';
import type { TuneSearch } from './job.js';
import { CUT, type Ranked, race, twinsLast } from './race.js';
import { bestFirst, compareScores, type Objective } from './score.js';
import { type Candidate, candidateKey, spaceSize, type TuneSpace } from './space.js';

export interface SearchOptions {
  readonly objective: Objective;
  /** How much may be simulated before the final, in whole runs of the scenario. */
  readonly budgetRuns: number;
  /** Replications of the final, and as many fresh ones again for the verdict. */
  readonly replications: number;
  /** Smallest part of a run that still says something, 0..1. */
  readonly smallestShare: number;
  /** Whether a candidate can be served at all. */
  readonly isFeasible: (candidate: Candidate) => boolean;
}

export interface TuneSearchResult {
  /** `whole space`: every candidate was simulated; `coordinates`: one model after the other. */
  readonly method: 'whole space' | 'coordinates';
  /** The winner first. */
  readonly finalists: readonly Finalist[];
  /** The winner on seeds that had no part in choosing it: on those that had, it looks better than it is. */
  readonly best: Finalist;
  /** The settings of the scenario as it is, under the winner's load and on those fresh seeds. */
  readonly current: Finalist;
  /** The winner against the second, on those seeds; absent with one candidate. */
  readonly againstSecond?: Sureness;
  /** The winner against the settings as they are; absent where those won. */
  readonly againstCurrent?: Sureness;
}

/** Candidates that reach the final. */
const FINALISTS = 8;
/** Candidates that a race never cuts below: more than finalists, because some will turn out to be twins. */
const LAST_ROUND = 3 * FINALISTS;

/**
 * The best candidate of a space. The whole space is raced where the budget allows it, otherwise one model
 * after the other (its settings together with the loads) while the rest stands still, until nothing
 * improves. The best few then meet under several seeds, and the winner and the second once more under
 * fresh ones, because who won on a set of seeds looks better there than it is.
 */
export function* searchSettings(space: TuneSpace, options: SearchOptions): TuneSearch<TuneSearchResult> {
  const shares = sharesFrom(options.smallestShare);
  const isWhole = spaceSize(space) * roundCost(shares) <= options.budgetRuns;
  const ranked = isWhole
    ? yield* raceSome(wholeSpace(space), shares, options)
    : yield* raceCoordinates(space, shares, options);
  const finalists = yield* final(ranked, options);
  const verdict = yield* verdictOf(finalists, options);
  return { method: isWhole ? 'whole space' : 'coordinates', finalists, ...verdict };
}

/** 1/27, 1/9, 1/3, 1 or the end of it that begins at `smallest`. */
function sharesFrom(smallest: number): number[] {
  const shares = [1];
  while (shares[0]! / CUT >= smallest && shares.length < MOST_ROUNDS) shares.unshift(shares[0]! / CUT);
  return shares;
}

const MOST_ROUNDS = 4;

/** Whole runs per candidate of a race: every round costs as much as the first. */
function roundCost(shares: readonly number[]): number {
  return shares.length * shares[0]!;
}

/** The settings as they are, which every model has first. */
function currentSettings({ models }: TuneSpace): Candidate {
  return { settings: models.map(() => 0), load: 0 };
}

function wholeSpace({ models, loads }: TuneSpace): Candidate[] {
  const settings = models.reduce<number[][]>(
    (before, model) => before.flatMap((chosen) => model.settings.map((_, i) => [...chosen, i])),
    [[]],
  );
  return settings.flatMap((chosen) => loads.map((_, load) => ({ settings: chosen, load })));
}

function* raceSome(
  candidates: readonly Candidate[],
  shares: readonly number[],
  { objective, isFeasible }: SearchOptions,
): TuneSearch<Ranked[]> {
  return yield* race(candidates.filter(isFeasible), { objective, shares, keep: LAST_ROUND });
}

/** Coordinate descent; the first step gives equally many settings to all models at once. */
function* raceCoordinates(
  space: TuneSpace,
  shares: readonly number[],
  options: SearchOptions,
): TuneSearch<Ranked[]> {
  const found = new Map<string, Ranked>();
  let spent = 0;
  let best = currentSettings(space);
  let unchanged = 0;
  const affordable = Math.max(LAST_ROUND, options.budgetRuns / roundCost(shares));
  const steps = [alike(space, affordable), ...repeat(space.models.length)];
  for (const step of steps) {
    const candidates = typeof step === 'number' ? alongModel(space, best, step) : step;
    spent += candidates.length * roundCost(shares);
    if (spent > options.budgetRuns && found.size > 0) break;
    const ranked = yield* raceSome(candidates, shares, options);
    for (const entry of ranked.slice(0, FINALISTS)) found.set(candidateKey(entry.candidate), entry);
    const winner = ranked[0]?.candidate ?? best;
    // What all models have alike says nothing of what one of them could gain by itself.
    const isUnchanged = candidateKey(winner) === candidateKey(best) && typeof step === 'number';
    unchanged = isUnchanged ? unchanged + 1 : 0;
    best = winner;
    if (unchanged >= space.models.length) break;
  }
  return twinsLast([...found.values()].sort((a, b) => compareScores(a.score, b.score, options.objective)));
}

/** More passes than a search that improves every time has ever needed. */
const MOST_PASSES = 10;

function repeat(models: number): number[] {
  return Array.from({ length: MOST_PASSES * models }, (_, i) => i % models);
}

/**
 * Candidates in which every model has the setting of the same number, under every load: not more than so many, of numbers
 * at equal distances from the first on.
 */
function alike({ models, loads }: TuneSpace, most: number): Candidate[] {
  const longest = models.reduce((all, { settings }) => Math.max(all, settings.length), 0);
  const count = Math.min(longest, Math.max(1, Math.floor(most / loads.length)));
  return Array.from({ length: count }, (_, i) => Math.floor((i * longest) / count)).flatMap((i) =>
    loads.map((_, load) => ({
      settings: models.map(({ settings }) => Math.min(i, settings.length - 1)),
      load,
    })),
  );
}

function alongModel({ models, loads }: TuneSpace, from: Candidate, model: number): Candidate[] {
  return models[model]!.settings.flatMap((_, setting) =>
    loads.map((_, load) => ({ settings: from.settings.with(model, setting), load })),
  );
}

/** The best few in full; where all of them violate an SLO, those cut before them get their chance. */
function* final(ranked: readonly Ranked[], options: SearchOptions): TuneSearch<Finalist[]> {
  const { objective, replications } = options;
  let finalists: Finalist[] = [];
  for (let from = 0; from < ranked.length && from < MOST_FINALS * FINALISTS; from += FINALISTS) {
    const next = ranked.slice(from, from + FINALISTS).map(({ candidate }) => candidate);
    const played = yield* playFinal(next, { objective, from: 2, replications });
    const all = [...finalists, ...played];
    finalists = [false, true].flatMap((dropped) =>
      bestFirst(
        all.filter((each) => each.dropped === dropped),
        objective,
      ),
    );
    if (finalists[0]!.score.shortfall === 0) break;
  }
  return finalists;
}

const MOST_FINALS = 4;

/** On fresh seeds: the winner, the second and the scenario as it is. */
function* verdictOf(
  finalists: readonly Finalist[],
  { objective, replications }: SearchOptions,
): TuneSearch<Omit<TuneSearchResult, 'method' | 'finalists'>> {
  const [winner, second] = finalists;
  const current: Candidate = { ...winner!.candidate, settings: winner!.candidate.settings.map(() => 0) };
  const again = [winner!.candidate, current, ...(second === undefined ? [] : [second.candidate])];
  const fresh: Finalist[] = [];
  for (const candidate of again) {
    fresh.push(...(yield* playFinal([candidate], { objective, from: 2 + replications, replications })));
  }
  const [freshWinner, freshCurrent, freshSecond] = fresh;
  const isCurrent = candidateKey(winner!.candidate) === candidateKey(current);
  return {
    best: freshWinner!,
    current: freshCurrent!,
    ...(freshSecond && { againstSecond: compareFinalists(freshWinner!, freshSecond, objective) }),
    ...(isCurrent ? {} : { againstCurrent: compareFinalists(freshWinner!, freshCurrent!, objective) }),
  };
}
