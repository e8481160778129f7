import type { AddProblem } from './config-source.js';
import type { ModelConfigFields } from './fields.js';

/** What a caller says of a model besides its configuration. */
export interface KnownOfModel {
  /** It is said how its engine forms batches. */
  readonly hasEngine?: boolean;
}

/** Features that change how requests are scheduled and that perseus does not simulate as they are written. */
export function refuseUnsimulated(
  fields: ModelConfigFields,
  add: AddProblem,
  { hasEngine = false }: KnownOfModel = {},
): void {
  const found = ownBatching(fields);
  if (found === undefined || (hasEngine && found.engine !== undefined)) return;
  const { path, engine, what } = found;
  if (engine === undefined) add(path, what!, ALONE);
  else
    add(path, `${engine} forms batches in an engine of its own`, 'write engine beside config in a scenario');
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

const ALONE = 'leave the model out; without this backend it is simulated as if Triton formed its batches';

interface OwnBatching {
  readonly path: readonly string[];
  /** The engine that batches in flight; absent = no such engine, and `what` says what it is. */
  readonly engine?: string;
  readonly what?: string;
}

/** What in a configuration says that Triton does not decide how requests are executed. */
function ownBatching({ backend = '', parameters }: ModelConfigFields): OwnBatching | undefined {
  const engine = ENGINES.get(backend);
  if (engine !== undefined) return { path: ['backend'], engine };
  if (parameters instanceof Map && parameters.has(TENSORRT_LLM))
    return { path: ['parameters', TENSORRT_LLM], engine: 'TensorRT-LLM' };
  if (backend !== 'fastertransformer') return undefined;
  return {
    path: ['backend'],
    what: 'executions of fastertransformer, as long as the texts that they generate, are not simulated yet',
  };
}

/** The engine that a configuration names; undefined where it names none. */
export function engineOf(fields: ModelConfigFields): string | undefined {
  return ownBatching(fields)?.engine;
}

/** Whether a configuration asks for such a feature. */
export function isUnsimulated(fields: ModelConfigFields): boolean {
  return ownBatching(fields) !== undefined;
}
