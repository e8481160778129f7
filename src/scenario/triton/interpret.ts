import type { ProblemList } from '../../base/problem.js';
import { MOST_EXECUTED } from '../../trace/columns.js';
import { isTensorRt, type ModelConfig, type TensorConfig } from '../model-config.js';
import { type AddProblem, type ConfigSource, problemAdder } from './config-source.js';
import { interpretDynamicBatching } from './dynamic-batching.js';
import { interpretEnsemble } from './ensemble.js';
import type { ModelConfigFields, TensorFields } from './fields.js';
import { interpretInstanceGroups } from './instance-groups.js';
import { interpretSequenceBatching } from './sequence-batching.js';
import { refuseUnsimulated } from './unsimulated.js';

/** What Triton knows besides the file when it loads a model. */
export interface LoadingModel {
  /** Name of the model's directory, which the file must agree with. */
  readonly name: string;
  /** GPUs that the server sees. */
  readonly devices: number;
  /** Whether it is said how its engine forms batches. Default: no, and such models are refused. */
  readonly hasEngine?: boolean;
}

/**
 * A model configuration with Triton's defaults filled in and checked as Triton checks it when it
 * loads the model (core `model_config_utils.cc`). Undefined when there was a problem, here or when the
 * configuration was read.
 */
export function interpretModelConfig(
  source: ConfigSource,
  model: LoadingModel,
  problems: ProblemList,
): ModelConfig | undefined {
  const before = problems.problems.length;
  const add = problemAdder(source, problems);
  const fields = intactFields(source);
  checkName(fields, model, add);
  checkPlatform(fields, add);
  refuseUnsimulated(fields, add, model);
  checkShapeTensors(fields, add);
  const maxBatchSize = fields.max_batch_size ?? 0;
  if (maxBatchSize < 0) add(['max_batch_size'], `${maxBatchSize} is negative`, 'write 0 or more');
  else if (maxBatchSize > MOST_EXECUTED) {
    add(['max_batch_size'], `${maxBatchSize} is too large`, `write at most ${MOST_EXECUTED}`);
  }
  const dynamicBatching = interpretDynamicBatching(fields.dynamic_batching, maxBatchSize, add);
  const ensemble = interpretEnsemble(fields, add);
  checkDecoupled(fields, add);
  const sequences = interpretSequenceBatching(fields, maxBatchSize, add);
  const config: ModelConfig = {
    name: model.name,
    platform: fields.platform ?? '',
    backend: fields.backend ?? '',
    maxBatchSize,
    inputs: interpretTensors(fields.input, 'input', add),
    outputs: interpretTensors(fields.output, 'output', add),
    instanceGroups: ensemble === undefined ? interpretInstanceGroups(fields, model, add) : [],
    ...(dynamicBatching === undefined ? {} : { dynamicBatching }),
    ...(fields.model_transaction_policy?.decoupled === true && { decoupled: true }),
    ...(sequences !== undefined && { sequences }),
    ...(fields.optimization?.eager_batching === true && { eagerBatching: true }),
    ...(fields.model_warmup !== undefined && fields.model_warmup.length > 0 && { isWarmedUp: true }),
    ...(ensemble !== undefined && { ensemble }),
    ...(fields.response_cache?.enable === true && { responseCache: true }),
  };
  return problems.problems.length === before && source.broken === undefined ? config : undefined;
}

const PLATFORMS = [
  'ensemble',
  'onnxruntime_onnx',
  'pytorch_libtorch',
  'tensorflow_graphdef',
  'tensorflow_savedmodel',
  'tensorrt_plan',
];

/** The real 24.10 says "unexpected platform type": those before Triton 2, such as `custom` and `caffe2_netdef`, are gone. */
function checkPlatform({ platform = '', backend = '' }: ModelConfigFields, add: AddProblem): void {
  if (platform === '' || backend !== '' || PLATFORMS.includes(platform)) return;
  add(
    ['platform'],
    `Triton has no platform "${platform}"`,
    `write backend, or one of ${PLATFORMS.join(', ')}`,
  );
}

/** Triton refuses it (core `model_config_utils.cc`, ValidateModelConfig). */
function checkDecoupled(fields: ModelConfigFields, add: AddProblem): void {
  if (fields.model_transaction_policy?.decoupled !== true) return;
  if (fields.response_cache?.enable === true)
    add(['response_cache', 'enable'], 'answers of decoupled models cannot be kept', 'write false');
}

/** The fields of which everything is known that a check of them asks for. */
function intactFields({ fields, broken }: ConfigSource): ModelConfigFields {
  if (broken === undefined) return fields;
  const isSizeKnown = fields.max_batch_size !== undefined && !broken.has('max_batch_size');
  const intact = Object.entries(fields).filter(
    ([name]) => !broken.has(name) && (name !== 'dynamic_batching' || isSizeKnown),
  );
  return Object.fromEntries(intact);
}

function checkName(fields: ModelConfigFields, model: LoadingModel, add: AddProblem): void {
  if (fields.name === undefined || fields.name === '' || fields.name === model.name) return;
  add(['name'], `"${fields.name}" is not the name of this model`, `write "${model.name}" or leave it out`);
}

/** Other platforms have none; a configuration that names neither platform nor backend leaves that to the model's files. */
function checkShapeTensors(fields: ModelConfigFields, add: AddProblem): void {
  const { platform = '', backend = '' } = fields;
  if ((platform === '' && backend === '') || isTensorRt({ platform, backend })) return;
  for (const field of ['input', 'output'] as const) {
    for (const [i, { is_shape_tensor: isShapeTensor }] of (fields[field] ?? []).entries()) {
      if (isShapeTensor !== true) continue;
      add([field, i, 'is_shape_tensor'], 'only TensorRT has shape tensors', 'leave it out');
    }
  }
}

function interpretTensors(
  tensors: readonly TensorFields[] | undefined,
  field: 'input' | 'output',
  add: AddProblem,
): TensorConfig[] {
  return (tensors ?? []).map((tensor, i) => {
    const dims = tensor.dims ?? [];
    for (const [j, dim] of dims.entries()) {
      if (dim < 1 && dim !== -1) {
        add([field, i, 'dims', j], `${dim} is no dimension`, 'write 1 or more, or -1 where it varies');
      }
    }
    return {
      name: tensor.name ?? '',
      dataType: tensor.data_type ?? 'TYPE_INVALID',
      dims,
      allowRaggedBatch: tensor.allow_ragged_batch ?? false,
      optional: tensor.optional ?? false,
      ...(tensor.is_shape_tensor === true && { isShapeTensor: true }),
    };
  });
}
