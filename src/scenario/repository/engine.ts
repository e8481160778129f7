import { given } from '../../base/given.js';
import type { ModelConfigFields } from '../triton/fields.js';
import { engineOf } from '../triton/unsimulated.js';
import type { ModelFolder } from './model-folder.js';
import { pythonEngine } from './python-calls.js';

/** An engine with a batching of its own, and what its model's files say of it. */
export interface SurveyedEngine {
  readonly name: string;
  readonly maxSequences?: number;
  readonly tokenBudget?: number;
  readonly kvTokens?: number;
}

/** Fields of a configuration that say nothing of a model that an engine executes: Triton hands it every request at once. */
export const WITHOUT_EFFECT = ['backend', 'platform', 'dynamic_batching'];

/** The engine that runs a model; undefined where Triton's batcher decides. */
export function surveyEngine(folder: ModelFolder, fields: ModelConfigFields): SurveyedEngine | undefined {
  const { versions } = folder;
  const name = engineOf(fields) ?? versions.map(({ python = '' }) => pythonEngine(python)).find(Boolean);
  if (name === undefined) return undefined;
  const { settings = '{}' } = versions.at(-1) ?? {};
  return {
    name,
    ...given({
      // vLLM keeps its arguments in model.json (README of vllm_backend). Triton's max_batch_size limits one request, and no engine
      // (tensorrtllm_backend docs/model_config.md, triton_max_batch_size).
      maxSequences: whole(numberIn(settings, 'max_num_seqs')),
      tokenBudget: whole(numberIn(settings, 'max_num_batched_tokens')),
      kvTokens: whole(Number(parameterTexts(fields).get('max_tokens_in_paged_kv_cache') ?? '')),
    }),
  };
}

/** GPUs of an engine that are not simulated as its files name them: by TensorRT-LLM's parameter, or by how many vLLM splits over. */
export function engineGpus({ versions }: ModelFolder, fields: ModelConfigFields): readonly string[] {
  const { settings = '{}' } = versions.at(-1) ?? {};
  const ids = (parameterTexts(fields).get('gpu_device_ids') ?? '')
    .match(/^\s*\d+(?:\s*,\s*\d+)*\s*$/)?.[0]
    .split(',');
  const [id, ...others] = ids?.map(Number) ?? [0];
  const split = ['tensor_parallel_size', 'pipeline_parallel_size'].map(
    (key) => whole(numberIn(settings, key)) ?? 1,
  );
  const count = Math.max(1 + others.length, split[0]! * split[1]!);
  if (count > 1)
    return [
      `its engine is on ${count} GPUs, and here on one: write what it takes on all of them into its profile`,
    ];
  if (id === 0) return [];
  const remedy = `write instance_group: [{kind: KIND_GPU, gpus: [${id}]}] into its configuration`;
  return [`its engine is on GPU ${id} (gpu_device_ids), and here on the first: ${remedy}`];
}

/** Not parsed: such files are templates, too. */
function numberIn(json: string, key: string): number {
  return Number(new RegExp(`"${key}"\\s*:\\s*(\\d{1,9})\\b`).exec(json)?.[1]);
}

/** Texts of `parameters`, by key; none of what is still to be filled in. */
export function parameterTexts({ parameters }: ModelConfigFields): ReadonlyMap<string, string> {
  const entries: readonly (readonly [unknown, unknown])[] = parameters instanceof Map ? [...parameters] : [];
  return new Map(
    entries.flatMap(([key, value]) => {
      const hasText = typeof value === 'object' && value !== null && 'string_value' in value;
      const text = hasText ? String(value.string_value) : '';
      return text === '' || text.includes('${') ? [] : [[String(key), text] as const];
    }),
  );
}

function whole(value: number): number | undefined {
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
