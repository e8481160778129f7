import type { AddProblem } from './config-source.js';
import type { ModelConfigFields } from './fields.js';

/** Features that change how requests are scheduled and that perseus does not simulate yet. */
export function refuseUnsimulated(fields: ModelConfigFields, add: AddProblem): void {
  const refuse = (path: readonly string[], feature: string, remedy: string) =>
    add(path, `${feature} not simulated yet`, remedy);
  if (fields.sequence_batching !== undefined) {
    refuse(['sequence_batching'], 'sequences are', 'leave it out, or simulate the model without sequences');
  }
  if (fields.ensemble_scheduling !== undefined) {
    refuse(['ensemble_scheduling'], 'ensembles are', 'serve the models of its steps one by one');
  } else if (fields.platform === 'ensemble') {
    refuse(['platform'], 'ensembles are', 'serve the models of its steps one by one');
  }
  if (fields.response_cache?.enable === true) {
    refuse(['response_cache', 'enable'], 'the response cache is', 'write false');
  }
  if (fields.model_transaction_policy?.decoupled === true) {
    refuse(['model_transaction_policy', 'decoupled'], 'decoupled responses are', 'write false');
  }
}

/** Whether a configuration asks for such a feature. */
export function isUnsimulated(fields: ModelConfigFields): boolean {
  let refused = false;
  refuseUnsimulated(fields, () => {
    refused = true;
  });
  return refused;
}
