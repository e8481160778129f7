import type { AddProblem } from './config-source.js';
import type { ModelConfigFields } from './fields.js';

/**
 * Features that change how requests are scheduled and that perseus does not simulate as they are written.
 * @param options.hasEngine whether it is said how the model's engine forms batches
 */
export function refuseUnsimulated(
  fields: ModelConfigFields,
  add: AddProblem,
  { hasEngine = false }: { readonly hasEngine?: boolean } = {},
): void {
  const engine = engineOf(fields);
  if (engine !== undefined && !hasEngine) {
    const path = ENGINES.has(fields.backend ?? '') ? ['backend'] : ['parameters', TENSORRT_LLM];
    add(path, `${engine} forms batches in an engine of its own`, 'write engine beside config in a scenario');
  }
  if (fields.backend === ALONE) {
    const what = `executions of ${ALONE}, as long as the texts that they generate, are not simulated yet`;
    const remedy =
      'leave the model out; without this backend it is simulated as if Triton formed its batches';
    add(['backend'], what, remedy);
  }
}

/**
 * Backends of language models whose executions Triton's batcher does not decide. vLLM and TensorRT-LLM take every request at
 * once and batch it in flight (README of triton-inference-server/vllm_backend and of tensorrtllm_backend).
 */
const ENGINES: ReadonlyMap<string, string> = new Map([
  ['vllm', 'vLLM'],
  ['tensorrtllm', 'TensorRT-LLM'],
]);

/** Every model of TensorRT-LLM has this parameter (`all_models/inflight_batcher_llm`), also where Python runs its engine. */
const TENSORRT_LLM = 'gpt_model_type';

/** Whether a backend is one that batches in flight. */
export function runsEngine(backend: string): boolean {
  return ENGINES.has(backend);
}

/** A backend whose batches are neither of Triton nor of an engine that perseus simulates. */
const ALONE = 'fastertransformer';

/** The engine that a configuration names; undefined where it names none. */
export function engineOf({ backend = '', parameters }: ModelConfigFields): string | undefined {
  const isTensorRtLlm = parameters instanceof Map && parameters.has(TENSORRT_LLM);
  return ENGINES.get(backend) ?? (isTensorRtLlm ? 'TensorRT-LLM' : undefined);
}

export function isUnsimulated(fields: ModelConfigFields): boolean {
  return engineOf(fields) !== undefined || fields.backend === ALONE;
}
