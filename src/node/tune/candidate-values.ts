import type { CandidateTenantFigures } from '../../plan/tune/figures.js';
import type { Finalist, Sureness } from '../../plan/tune/final.js';
import { describeLoad } from '../../plan/tune/load-point.js';
import { describeSetting } from '../../plan/tune/setting.js';
import type { Candidate } from '../../plan/tune/space.js';
import type { TuneOutcome } from './tune-scenario.js';

export type CandidateValues = ReturnType<typeof candidateValues>;
export type SurenessValues = ReturnType<typeof surenessValues>;

/** The settings of a candidate by the names of the models. */
export function settingsOf({ settings }: Candidate, { space }: Pick<TuneOutcome, 'space'>) {
  return space.models.map(({ name, settings: all }, i) => {
    const setting = all[settings[i]!]!;
    return { name, setting, text: describeSetting(setting) };
  });
}

/** A candidate and what its runs gave, as plain values. */
export function candidateValues({ candidate, runs, score }: Finalist, outcome: TuneOutcome) {
  const load = outcome.space.loads[candidate.load]!;
  const means = (pick: (tenant: CandidateTenantFigures) => number | undefined, t: number) =>
    runs.reduce((sum, run) => sum + (pick(run.tenants[t]!) ?? Number.NaN), 0) / runs.length;
  return {
    models: settingsOf(candidate, outcome),
    load,
    loadText: describeLoad(load),
    runs: runs.length,
    value: score.value,
    meetsSlos: score.shortfall === 0,
    tailMs: score.tailMs,
    tenants: runs[0]!.tenants.map(({ tenant, targetShare }, t) => ({
      tenant,
      inferencesPerS: means((figures) => figures.inferencesPerS, t),
      goodputPerS: means((figures) => figures.goodputPerS, t),
      meanMs: means((figures) => figures.meanMs, t),
      tailMs: means((figures) => figures.tailMs, t),
      ...(targetShare === undefined
        ? {}
        : { targetShare, attainment: means((figures) => figures.attainment, t) }),
    })),
  };
}

export function surenessValues({ by, comparison, probability }: Sureness) {
  const { difference, relativePercent, pValue } = comparison;
  return { decidedBy: by, difference, relativePercent, probability, pValue };
}
