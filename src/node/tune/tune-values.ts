import type { TenantFigures } from '../../plan/tune/figures.js';
import type { Finalist, Sureness } from '../../plan/tune/final.js';
import { describeLoad, type LoadPoint } from '../../plan/tune/load-point.js';
import { differInValue, OBJECTIVE_UNITS } from '../../plan/tune/score.js';
import { describeSetting, type ModelSetting } from '../../plan/tune/setting.js';
import { type Candidate, candidateKey, spaceSize } from '../../plan/tune/space.js';
import type { TuneOutcome } from './tune-scenario.js';

/** What tuning found, as plain values: the JSON form, and what the text for people is made of. */
export interface TuneValues {
  readonly format: 'perseus-tune/1';
  readonly scenario: string;
  readonly objective: string;
  readonly unit: string;
  readonly method: string;
  /** Points of the space (settings and loads), those that were simulated at all, and simulations made. */
  readonly space: { readonly size: number; readonly tried: number; readonly simulations: number };
  readonly best: CandidateValues;
  /** The settings as they are, under the load of the best. */
  readonly current: CandidateValues;
  readonly finalists: readonly CandidateValues[];
  readonly againstSecond?: SurenessValues;
  readonly againstCurrent?: SurenessValues;
}

export interface CandidateValues {
  readonly models: readonly {
    readonly name: string;
    readonly setting: ModelSetting;
    readonly text: string;
  }[];
  readonly load: LoadPoint;
  readonly loadText: string;
  readonly runs: number;
  readonly value: number;
  readonly keepsSlos: boolean;
  readonly tailMs: number;
  readonly tenants: readonly Omit<TenantFigures, 'stability' | 'completed'>[];
}

export interface SurenessValues {
  readonly decidedBy: Sureness['by'];
  readonly difference: { readonly value: number; readonly low: number; readonly high: number };
  readonly relativePercent: number;
  readonly probability: number;
  readonly pValue: number;
}

export function tuneValues(outcome: TuneOutcome): TuneValues {
  const { result, space, objective, loaded, evaluations } = outcome;
  const { againstSecond, againstCurrent } = result;
  const tried = new Set(evaluations.map(({ job }) => candidateKey(job.candidate)));
  return {
    format: 'perseus-tune/1',
    scenario: loaded.scenario.name,
    objective,
    unit: OBJECTIVE_UNITS[objective],
    method: result.method,
    space: { size: spaceSize(space), tried: tried.size, simulations: evaluations.length },
    best: candidateValues(result.finalists[0]!, outcome),
    current: candidateValues(result.current, outcome),
    finalists: result.finalists.map((finalist) => candidateValues(finalist, outcome)),
    ...(againstSecond && { againstSecond: surenessValues(againstSecond) }),
    ...(againstCurrent && { againstCurrent: surenessValues(againstCurrent) }),
  };
}

/** The settings of a candidate by the names of the models. */
export function settingsOf({ settings }: Candidate, { space }: Pick<TuneOutcome, 'space'>) {
  return space.models.map(({ name, settings: all }, i) => {
    const setting = all[settings[i]!]!;
    return { name, setting, text: describeSetting(setting) };
  });
}

function candidateValues({ candidate, runs, score }: Finalist, outcome: TuneOutcome): CandidateValues {
  const load = outcome.space.loads[candidate.load]!;
  const means = (pick: (tenant: TenantFigures) => number | undefined, t: number) =>
    runs.reduce((sum, run) => sum + (pick(run.tenants[t]!) ?? Number.NaN), 0) / runs.length;
  return {
    models: settingsOf(candidate, outcome),
    load,
    loadText: describeLoad(load),
    runs: runs.length,
    value: score.value,
    keepsSlos: score.shortfall === 0,
    tailMs: score.tailMs,
    tenants: runs[0]!.tenants.map(({ tenant, promised }, t) => ({
      tenant,
      inferencesPerS: means((figures) => figures.inferencesPerS, t),
      goodputPerS: means((figures) => figures.goodputPerS, t),
      meanMs: means((figures) => figures.meanMs, t),
      tailMs: means((figures) => figures.tailMs, t),
      ...(promised === undefined ? {} : { promised, attainment: means((figures) => figures.attainment, t) }),
    })),
  };
}

function surenessValues({ by, comparison, probability }: Sureness): SurenessValues {
  const { difference, relativePercent, pValue } = comparison;
  return { decidedBy: by, difference, relativePercent, probability, pValue };
}

/** Finalists that cannot be told apart from the winner in the objective. */
export function equalsOfWinner({ result }: Pick<TuneOutcome, 'result'>): readonly Finalist[] {
  const [winner, ...others] = result.finalists;
  return others.filter(
    ({ score, dropped }) =>
      !dropped && score.shortfall === winner!.score.shortfall && !differInValue(score, winner!.score),
  );
}
