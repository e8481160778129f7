import { writePbtxt } from '../../src/emit/write-pbtxt.js';
import { MODEL_CONFIG, type ModelConfigFields } from '../../src/scenario/triton/fields.js';
import { networkDims } from './networks.js';
import type { RepositoryModel } from './repository-model.js';

const DEFAULT_MAX_BATCH_SIZE = 8;

/** The text of the model's `config.pbtxt`. */
export function configText(model: RepositoryModel): string {
  const leftToTriton = model.kind !== 'onnx' && model.autoComplete === true;
  const parameters = [...parametersOf(model)];
  const fields: ModelConfigFields = {
    name: model.name,
    ...(leftToTriton ? {} : batchingFields(model)),
    ...(model.kind === 'ensemble' ? ensembleFields(model.steps) : executionFields(model)),
    parameters: new Map(parameters.map(([name, value]) => [name, { string_value: String(value) }])),
    ...(model.kind === 'composed' && model.responses && { model_transaction_policy: { decoupled: true } }),
    ...model.config,
  };
  return writePbtxt(MODEL_CONFIG, fields);
}

function executionFields(model: Exclude<RepositoryModel, { kind: 'ensemble' }>): ModelConfigFields {
  return {
    backend: (model.kind === 'onnx' ? model.backend : undefined) ?? 'python',
    instance_group: [{ kind: model.instanceKind ?? 'KIND_CPU', count: model.instances ?? 1 }],
  };
}

/** Each step takes what the one before has given. */
function ensembleFields(steps: readonly string[]): ModelConfigFields {
  const tensor = (i: number) => (i === 0 ? 'INPUT0' : i === steps.length ? 'OUTPUT0' : `between${i}`);
  const step = steps.map((name, i) => ({
    model_name: name,
    model_version: -1,
    input_map: new Map([['INPUT0', tensor(i)]]),
    output_map: new Map([['OUTPUT0', tensor(i + 1)]]),
  }));
  return { platform: 'ensemble', ensemble_scheduling: { step } };
}

/** What a model can leave to Triton's auto-completion. */
function batchingFields(model: RepositoryModel): ModelConfigFields {
  return {
    max_batch_size: model.maxBatchSize ?? DEFAULT_MAX_BATCH_SIZE,
    ...tensorFields(model),
    ...(model.dynamicBatching && { dynamic_batching: model.dynamicBatching }),
  };
}

function tensorFields(model: RepositoryModel): ModelConfigFields {
  const float = 'TYPE_FP32';
  if (model.kind === 'onnx') {
    const { input, output } = networkDims(model.network);
    return {
      input: [{ name: 'INPUT0', data_type: float, dims: input }],
      output: [{ name: 'OUTPUT0', data_type: float, dims: output }],
    };
  }
  const dims = model.dims ?? [1];
  const execution = { name: 'EXECUTION', data_type: 'TYPE_INT32', dims: [2] } as const;
  return {
    input: [{ name: 'INPUT0', data_type: float, dims }],
    output: [
      { name: 'OUTPUT0', data_type: float, dims },
      ...(model.reportsExecution === true ? [execution] : []),
    ],
  };
}

/** What `triton/models/sleeping.py` reads. */
function parametersOf(model: RepositoryModel): Map<string, string | number> {
  if (model.kind === 'onnx' || model.kind === 'ensemble') return new Map();
  const works = model.kind !== 'echo';
  const composed = model.kind === 'composed' ? model : undefined;
  const parameters = {
    fixed_us: works ? model.fixedUs : undefined,
    item_us: works ? model.itemUs : undefined,
    spread: works ? model.spread : undefined,
    device: model.kind === 'locked' ? model.device : undefined,
    slice_us: model.kind === 'locked' ? model.sliceUs : undefined,
    calls: composed?.calls && JSON.stringify(composed.calls),
    responses: composed?.responses && JSON.stringify(composed.responses),
    auto_complete: model.autoComplete ? autoCompleteParameter(model) : undefined,
  };
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return new Map(given as [string, string | number][]);
}

function autoCompleteParameter(model: Exclude<RepositoryModel, { kind: 'onnx' }>): string {
  return JSON.stringify({
    max_batch_size: model.maxBatchSize ?? DEFAULT_MAX_BATCH_SIZE,
    dynamic_batching: model.dynamicBatching !== undefined,
    dims: model.dims ?? [1],
  });
}
