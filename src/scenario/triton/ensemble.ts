import type { EnsembleConfig } from '../model-config.js';
import type { AddProblem } from './config-source.js';
import type { ModelConfigFields } from './fields.js';

/** What a `model_version` that is left out means here. To Triton it is version 0, which no model has, so that it is always written. */
export const LATEST = -1;

/**
 * The steps of an ensemble, checked as Triton checks them when it loads the model (core `model_config_utils.cc`
 * ValidateEnsembleSchedulingConfig, `ensemble_utils.cc`). Undefined for any other model.
 */
export function interpretEnsemble(fields: ModelConfigFields, add: AddProblem): EnsembleConfig | undefined {
  const { platform, ensemble_scheduling: scheduling } = fields;
  if (scheduling === undefined) {
    if (platform === 'ensemble')
      add(['platform'], 'an ensemble without steps', 'write ensemble_scheduling with its steps');
    return undefined;
  }
  const at = 'ensemble_scheduling';
  if (platform !== 'ensemble') add([at], 'only an ensemble has steps', 'write platform: "ensemble"');
  const only = ['it is an ensemble, which only hands on to its steps', 'leave it out'] as const;
  if ((fields.instance_group ?? []).length > 0) add(['instance_group'], ...only);
  if (fields.dynamic_batching !== undefined) add(['dynamic_batching'], ...only);
  const steps = scheduling.step ?? [];
  if (steps.length === 0) add([at, 'step'], 'is empty', 'write at least one step');
  const { max_inflight_requests: maxInFlight = 0 } = scheduling;
  return {
    ...(maxInFlight > 0 && { maxInFlight }),
    steps: steps.map((step, i) => {
      const place = [at, 'step', i];
      const { model_version: version = LATEST } = step;
      const { model_name: model = '', input_map: inputs = new Map(), output_map: outputs = new Map() } = step;
      if (model === '') add([...place, 'model_name'], 'is missing', 'write the model of the step');
      if (inputs.size === 0) add([...place, 'input_map'], 'is missing', 'map each input of the model');
      if (outputs.size === 0) add([...place, 'output_map'], 'is missing', 'map an output of the model');
      return { model, ...(version !== LATEST && { version }), inputs, outputs };
    }),
  };
}
