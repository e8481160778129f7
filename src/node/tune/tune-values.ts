import { given } from '../../base/given.js';
import { OBJECTIVE_UNITS } from '../../plan/tune/score.js';
import { candidateKey, spaceSize } from '../../plan/tune/space.js';
import { guessesIn } from '../../scenario/starter/model-points.js';
import { candidateValues, surenessValues } from './candidate-values.js';
import { confirmationValues } from './confirm-values.js';
import type { Confirmation } from './live-confirmation.js';
import type { TuneOutcome } from './tune-scenario.js';

export type TuneValues = ReturnType<typeof tuneValues>;

/**
 * What tuning found, as plain values: the JSON form, and what the text for people is made of.
 * @param confirmation where the best few were measured on live servers
 */
export function tuneValues(
  outcome: TuneOutcome,
  confirmation?: Pick<Confirmation, 'confirmed' | 'interrupted'>,
) {
  const { result, space, objective, loaded, evaluations, warnings } = outcome;
  const { againstSecond, againstCurrent } = result;
  const tried = new Set(evaluations.map(({ job }) => candidateKey(job.candidate)));
  return {
    format: 'perseus-tune/1' as const,
    scenario: loaded.scenario.name,
    objective,
    unit: OBJECTIVE_UNITS[objective],
    method: result.method,
    // Points of the space (settings and loads), those that were simulated at all, and simulations made.
    space: { size: spaceSize(space), tried: tried.size, simulations: evaluations.length },
    // On seeds that had no part in choosing it; the settings as they are under its load and on its seeds.
    best: candidateValues(result.best, outcome),
    current: candidateValues(result.current, outcome),
    // On the seeds on which they were chosen.
    finalists: result.finalists.map((finalist) => candidateValues(finalist, outcome)),
    ...(againstSecond && { againstSecond: surenessValues(againstSecond) }),
    ...(againstCurrent && { againstCurrent: surenessValues(againstCurrent) }),
    ...given({ profileGuesses: guessesIn(outcome.best) }),
    // Where the best leaves what its profiles were measured for.
    warnings,
    ...(confirmation && { confirmation: confirmationValues(confirmation, outcome) }),
  };
}
