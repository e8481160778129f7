import type { ModelConfigFields } from '../triton/fields.js';
import type { ModelFolder, ModelVersion } from './model-folder.js';

/**
 * The default file of each backend, as Triton looks for it where a configuration names neither platform nor backend
 * (core `model_config_utils.cc` AutoCompleteBackendFields).
 */
const BACKEND_OF_FILE: readonly (readonly [file: string, names: Backend])[] = [
  ['model.savedmodel', { platform: 'tensorflow_savedmodel', backend: 'tensorflow' }],
  ['saved_model.pb', { platform: 'tensorflow_savedmodel', backend: 'tensorflow' }],
  ['model.graphdef', { platform: 'tensorflow_graphdef', backend: 'tensorflow' }],
  ['model.plan', { platform: 'tensorrt_plan', backend: 'tensorrt' }],
  ['model.onnx', { platform: 'onnxruntime_onnx', backend: 'onnxruntime' }],
  ['model.xml', { backend: 'openvino' }],
  ['model.pt', { platform: 'pytorch_libtorch', backend: 'pytorch' }],
  ['model.pt2', { backend: 'pytorch' }],
  ['model.dali', { backend: 'dali' }],
  ['model.py', { backend: 'python' }],
];

interface Backend {
  readonly platform?: string;
  readonly backend: string;
}

/** Backend and platform by the files of the newest version; undefined where they tell none. */
export function backendByFiles({ versions }: Pick<ModelFolder, 'versions'>): Backend | undefined {
  const files = versions.at(-1)?.files ?? [];
  return BACKEND_OF_FILE.find(([file]) => files.includes(file))?.[1];
}

/** Largest batch that Triton takes of a network whose first dimension varies (`default-max-batch-size` of its backends). */
const DEFAULT_MAX_BATCH_SIZE = 4;

/**
 * A configuration for a model that has no config.pbtxt, as Triton completes it where it can. Undefined where its files do not tell
 * a backend.
 */
export function completedConfig(folder: ModelFolder): ModelConfigFields | undefined {
  const names = backendByFiles(folder);
  return names === undefined ? undefined : completedBatching({ max_batch_size: 0, ...names }, folder);
}

/**
 * A configuration with the batches that its model.py sets, or that its backend takes where it must look for the tensors in the
 * network (`AutoCompleteMaxBatch`), which is not read here; itself where neither changes it.
 */
export function completedBatching(
  written: ModelConfigFields,
  { versions }: Pick<ModelFolder, 'versions'>,
): ModelConfigFields {
  const { input = [], output = [], max_batch_size: size = 0 } = written;
  const backend = written.backend || backendOfPlatform(written.platform);
  if (backend === 'python') return withBatches(written, setByPython(versions.at(-1)));
  const readsNetwork = BACKEND_OF_FILE.some(([, names]) => names.backend === backend);
  const lacksTensors = input.length === 0 || output.length === 0;
  if (!readsNetwork || !lacksTensors) return written;
  return withBatches(written, { size: size || DEFAULT_MAX_BATCH_SIZE, isBatching: size !== 1 });
}

/** Batches of at least that size, with a batcher where there is no scheduler yet. */
function withBatches(written: ModelConfigFields, { size, isBatching }: Batches): ModelConfigFields {
  const { max_batch_size: least = 0, dynamic_batching, sequence_batching } = written;
  const maxBatchSize = Math.max(least, size);
  const hasScheduler = dynamic_batching !== undefined || sequence_batching !== undefined;
  const addsBatching = isBatching && maxBatchSize > 0 && !hasScheduler;
  if (maxBatchSize === least && !addsBatching) return written;
  return { ...written, max_batch_size: maxBatchSize, ...(addsBatching && { dynamic_batching: {} }) };
}

interface Batches {
  readonly size: number;
  readonly isBatching: boolean;
}

function backendOfPlatform(platform: string | undefined): string | undefined {
  return BACKEND_OF_FILE.find(([, names]) => names.platform !== undefined && names.platform === platform)?.[1]
    .backend;
}

/** What `auto_complete_config` of a model.py sets with numbers. */
function setByPython(version: ModelVersion | undefined): Batches {
  const code = version?.python ?? '';
  const [, size = 0] = /\bset_max_batch_size\s*\(\s*(\d{1,9})\s*\)/.exec(code) ?? [];
  return { size: Number(size), isBatching: /\bset_dynamic_batching\s*\(/.test(code) };
}
