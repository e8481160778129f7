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
 * A configuration for a model that has no config.pbtxt, as Triton completes it where it can: it reads the network, which is
 * not read here. Undefined where its files do not tell a backend.
 */
export function completedConfig(folder: ModelFolder): ModelConfigFields | undefined {
  const names = backendByFiles(folder);
  if (names === undefined) return undefined;
  if (names.backend === 'python') return { ...names, ...setByPython(folder.versions.at(-1)) };
  return { ...names, max_batch_size: DEFAULT_MAX_BATCH_SIZE, dynamic_batching: {} };
}

/** What `auto_complete_config` of a model.py sets with numbers. */
function setByPython(version: ModelVersion | undefined): ModelConfigFields {
  const code = version?.python ?? '';
  const [, size] = /\bset_max_batch_size\s*\(\s*(\d{1,9})\s*\)/.exec(code) ?? [];
  const isBatching = /\bset_dynamic_batching\s*\(/.test(code);
  return {
    max_batch_size: size === undefined ? 0 : Number(size),
    ...(isBatching && size !== undefined && Number(size) > 0 ? { dynamic_batching: {} } : {}),
  };
}
