import { InputError } from '../../base/problem.js';
import type { PlanProblem } from '../problem-setting.js';

/**
 * A plan in which these models are served without a batch dimension, as they were made: no setting gives them one.
 * @throws InputError where one of them gets requests of several inferences
 */
export function withUnbatched(problem: PlanProblem, models: ReadonlySet<string>): PlanProblem {
  const refused = problem.workloads.filter(
    ({ model, largestRequest }) => models.has(model) && largestRequest > 1,
  );
  if (refused.length > 0) {
    throw new InputError(
      refused.map(({ model, largestRequest }) => ({
        path: 'tenants',
        what: `"${model}" gets requests of ${largestRequest} inferences, but it has no batch dimension (max_batch_size: 0 in its repository, or where it is served now)`,
        remedy: 'write batchSize: 1, or have its configuration say that it has one',
      })),
    );
  }
  const workloads = problem.workloads.map((workload) =>
    models.has(workload.model) ? { ...workload, isUnbatched: true } : workload,
  );
  return { ...problem, workloads };
}
