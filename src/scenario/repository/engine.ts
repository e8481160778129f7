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

/** Not parsed: such files are templates, too. */
function numberIn(json: string, key: string): number {
  return Number(new RegExp(`"${key}"\\s*:\\s*(\\d{1,9})\\b`).exec(json)?.[1]);
}

/** Texts of `parameters`, by key. */
export function parameterTexts({ parameters }: ModelConfigFields): ReadonlyMap<string, string> {
  const entries: readonly (readonly [unknown, unknown])[] = parameters instanceof Map ? [...parameters] : [];
  return new Map(
    entries.map(([key, value]) => {
      const hasText = typeof value === 'object' && value !== null && 'string_value' in value;
      return [String(key), hasText ? String(value.string_value) : ''];
    }),
  );
}

function whole(value: number): number | undefined {
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
