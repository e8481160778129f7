import type { AddProblem } from './config-source.js';
import type { ModelConfigFields } from './fields.js';

/** Features that change how requests are scheduled and that perseus does not simulate yet. */
export function refuseUnsimulated(fields: ModelConfigFields, add: AddProblem): void {
  const refuse: Refuse = (path, feature, remedy) => add(path, `${feature} not simulated yet`, remedy);
  refuseOwnBatching(fields, refuse);
}

type Refuse = (path: readonly string[], feature: string, remedy: string) => void;

/**
 * Backends of language models whose executions Triton's batcher does not decide. vLLM and TensorRT-LLM take every request at
 * once and batch it in flight (README of triton-inference-server/vllm_backend and of tensorrtllm_backend).
 */
export const IN_FLIGHT = (engine: string) =>
  `batches that ${engine} changes in flight, in an engine of its own, are`;
const OWN_BATCHING: ReadonlyMap<string, string> = new Map([
  ['vllm', IN_FLIGHT('vllm')],
  ['tensorrtllm', IN_FLIGHT('tensorrtllm')],
  ['fastertransformer', 'executions of fastertransformer, as long as the texts that they generate, are'],
]);

/** Every model of TensorRT-LLM has this parameter (`all_models/inflight_batcher_llm`), also where Python runs its engine. */
const TENSORRT_LLM = 'gpt_model_type';

/** Says what is wrong with a model that an engine with a batching of its own runs, as far as its configuration tells. */
export function refuseEngine(fields: ModelConfigFields, add: AddProblem): void {
  refuseOwnBatching(fields, (path, feature, remedy) => add(path, `${feature} not simulated yet`, remedy));
}

function refuseOwnBatching({ backend = '', parameters }: ModelConfigFields, refuse: Refuse): void {
  const as = (field: string) =>
    `leave the model out; without this ${field} it is simulated as if Triton formed its batches`;
  const known = OWN_BATCHING.get(backend);
  if (known !== undefined) refuse(['backend'], known, as('backend'));
  else if (parameters instanceof Map && parameters.has(TENSORRT_LLM)) {
    refuse(['parameters', TENSORRT_LLM], IN_FLIGHT('TensorRT-LLM'), as('parameter'));
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
