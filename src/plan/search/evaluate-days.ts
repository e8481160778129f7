import type { EvaluatedPlacement } from '../evaluate.js';
import type { Placement } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import type { JobDispatcher } from './job-dispatcher.js';
import type { Search } from './search-setting.js';

/** Each of the placements simulated in full on every day, asked for all at once. */
export function* evaluateEach(
  problem: PlanProblem,
  dispatcher: JobDispatcher,
  placements: readonly Placement[],
): Search<EvaluatedPlacement[][]> {
  const days = problem.days.length;
  const values = yield* dispatcher.ask(
    'evaluate',
    placements.flatMap((placement) => problem.days.map((_, day) => ({ type: 'evaluate', placement, day }))),
  );
  return placements.map((_, i) => values.slice(i * days, (i + 1) * days));
}

/** One placement simulated in full on every day. */
export function* evaluateDays(
  problem: PlanProblem,
  dispatcher: JobDispatcher,
  placement: Placement,
): Search<EvaluatedPlacement[]> {
  const [days] = yield* evaluateEach(problem, dispatcher, [placement]);
  return days!;
}
