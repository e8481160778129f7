import type { ModelConfigFields } from '../triton/fields.js';
import type { ModelFolder } from './model-folder.js';

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

/** Backend and platform by the files of the newest version, else by a name as `clip.dali`; undefined where they tell none. */
export function backendByFiles({ name, versions }: ModelFolder): Backend | undefined {
  const files = versions.at(-1)?.files ?? [];
  const [, backend] = /\.(.+)/.exec(name) ?? [];
  return (
    BACKEND_OF_FILE.find(([file]) => files.includes(file))?.[1] ??
    (backend === undefined ? undefined : { backend })
  );
}

/** Largest batch that Triton takes of a network whose first dimension varies (`default-max-batch-size` of its backends). */
const DEFAULT_MAX_BATCH_SIZE = 4;

/**
 * A configuration for a model that has no config.pbtxt, as Triton completes it where it can. Undefined where its files do not tell
 * a backend.
 */
export function completedConfig(folder: ModelFolder): ModelConfigFields | undefined {
  const names = backendByFiles(folder);
  return names === undefined ? undefined : completedFields({ max_batch_size: 0, ...names }, folder);
}

/**
 * A configuration with what its model.py sets, or with the batches that its backend takes where it must look for the tensors in the
 * network (`AutoCompleteMaxBatch`), which is not read here; itself where neither changes it.
 */
export function completedFields(
  written: ModelConfigFields,
  { versions }: Pick<ModelFolder, 'versions'>,
): ModelConfigFields {
  const { input = [], output = [], max_batch_size: size = 0 } = written;
  const backend = written.backend || backendOfPlatform(written.platform);
  if (backend === 'python') return withPython(written, versions.at(-1)?.python ?? '');
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

/** With what `auto_complete_config` of a model.py sets, as far as it is written there. */
function withPython(written: ModelConfigFields, code: string): ModelConfigFields {
  const [, size = 0] = /\bset_max_batch_size\s*\(\s*(\d{1,9})\s*\)/.exec(code) ?? [];
  const isBatching = /\bset_dynamic_batching\s*\(/.test(code);
  const fields = withBatches(written, { size: Number(size), isBatching });
  const isDecoupled = SETS_POLICY.test(code) && decoupledIn(code).includes('True');
  return isDecoupled && fields.model_transaction_policy?.decoupled !== true
    ? { ...fields, model_transaction_policy: { decoupled: true } }
    : fields;
}

const SETS_POLICY = /\bset_model_transaction_policy\s*\(/;

/** What a model.py says of it: `{"decoupled": True}`, or `dict(decoupled=True)`. */
function decoupledIn(code: string): readonly string[] {
  return [...code.matchAll(/\bdecoupled(?:["']\s*:|\s*=)\s*(True|False)\b/g)].map(([, is]) => is!);
}

/** Whether a model.py sets such a field to what only its running code knows. */
export function setsUnread(code: string): boolean {
  const isSizeUnread = /\bset_max_batch_size\s*\(\s*[^\d\s]/.test(code);
  return isSizeUnread || (SETS_POLICY.test(code) && decoupledIn(code).length === 0);
}
