import type { Warning } from '../../base/warning.js';
import { OBJECTIVE_UNITS } from '../../plan/tune/score.js';
import { candidateKey, spaceSize } from '../../plan/tune/space.js';
import {
  type CandidateValues,
  candidateValues,
  type SurenessValues,
  surenessValues,
} from './candidate-values.js';
import { type ConfirmationValues, confirmationValues } from './confirm-values.js';
import type { Confirmation } from './live-confirmation.js';
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
  /** On seeds that had no part in choosing it. */
  readonly best: CandidateValues;
  /** The settings as they are, under the load of the best and on its seeds. */
  readonly current: CandidateValues;
  /** On the seeds on which they were chosen. */
  readonly finalists: readonly CandidateValues[];
  readonly againstSecond?: SurenessValues;
  readonly againstCurrent?: SurenessValues;
  /** Where the best leaves what its profiles were measured for. */
  readonly warnings: readonly Warning[];
  /** Where the best few were measured on live servers. */
  readonly confirmation?: ConfirmationValues;
}

export function tuneValues(
  outcome: TuneOutcome,
  confirmation?: Pick<Confirmation, 'confirmed' | 'interrupted'>,
): TuneValues {
  const { result, space, objective, loaded, evaluations, warnings } = outcome;
  const { againstSecond, againstCurrent } = result;
  const tried = new Set(evaluations.map(({ job }) => candidateKey(job.candidate)));
  return {
    format: 'perseus-tune/1',
    scenario: loaded.scenario.name,
    objective,
    unit: OBJECTIVE_UNITS[objective],
    method: result.method,
    space: { size: spaceSize(space), tried: tried.size, simulations: evaluations.length },
    best: candidateValues(result.best, outcome),
    current: candidateValues(result.current, outcome),
    finalists: result.finalists.map((finalist) => candidateValues(finalist, outcome)),
    ...(againstSecond && { againstSecond: surenessValues(againstSecond) }),
    ...(againstCurrent && { againstCurrent: surenessValues(againstCurrent) }),
    warnings,
    ...(confirmation && { confirmation: confirmationValues(confirmation, outcome) }),
  };
}
