import type { Path } from '../../base/path.js';
import type { Trace } from '../../trace/trace.js';
import { withCalled } from '../composition.js';
import type { ModelConfig } from '../model-config.js';
import type { Load, ModelInstance, ServedModel } from '../scenario.js';
import type { Engine } from '../served-model.js';
import type { ServedModelSpec } from '../spec/server-spec.js';
import type { TenantSpec } from '../spec/tenant-spec.js';
import { runsEngine } from '../triton/unsimulated.js';
import type { Findings } from './findings.js';

/** vLLM's backend sends each token as it comes, whatever its configuration says (vllm_backend `model.py`, auto_complete_config). */
const ALWAYS_STREAMS = 'vllm';

/** The engine that forms the batches of a language model; undefined for any other model. */
export function resolveEngine(
  spec: ServedModelSpec,
  config: ModelConfig,
  instances: readonly ModelInstance[],
  path: Path,
  findings: Findings,
): Engine | undefined {
  const { engine } = spec;
  const isKnown = instances.some(({ profile }) => profile.engine !== undefined);
  if (engine === undefined) {
    if (isKnown && !runsEngine(config.backend))
      findings.problem(path, `the profile of "${spec.name}" is one of an engine`, 'write engine: {}');
    return undefined;
  }
  const at = [...path, 'engine'];
  for (const key of ['responses', 'calls', 'pipelined'] as const)
    if (spec[key] !== undefined)
      findings.problem([...path, key], 'says what engine says', 'keep one of them');
  if (config.sequences !== undefined || config.ensemble !== undefined)
    findings.problem(at, `"${spec.name}" has no engine: it is scheduled by Triton`, 'leave it out');
  const unknown = instances.find(({ profile }) => profile.engine === undefined);
  if (unknown !== undefined)
    findings.problem(
      at,
      `the profile of "${spec.name}" for the device "${unknown.profile.device}" does not say what its tokens cost`,
      'write engine: {prefillMsPerToken, kvTokens} into the profile',
    );
  if (engine.tokenBudget < engine.maxSequences)
    findings.problem(
      [...at, 'tokenBudget'],
      `${engine.tokenBudget} is less than one token for each of ${engine.maxSequences} sequences`,
      `write at least ${engine.maxSequences}, or a smaller maxSequences`,
    );
  return { ...engine, streams: config.decoupled === true || config.backend === ALWAYS_STREAMS };
}

/** Requests for a language model have tokens, and one inference each. */
export function checkTokens(
  { tokens, batchSize }: TenantSpec,
  load: Load,
  models: readonly ServedModel[],
  model: number,
  path: Path,
  findings: Findings,
): void {
  const asked = withCalled(models, [model]).map((index) => models[index]!);
  const name = asked.find(({ engine }) => engine !== undefined)?.config.name;
  if (name === undefined) {
    if (tokens !== undefined)
      findings.problem([...path, 'tokens'], `"${asked[0]!.config.name}" has no engine`, 'leave it out');
    return;
  }
  if (tokens === undefined && (load.mode === 'closed' || !saysTokens(load.trace)))
    findings.problem(
      path,
      `"${name}" reads and writes tokens`,
      'write tokens, or a trace with prompt_tokens and output_tokens in each row',
    );
  if (batchSize !== 1)
    findings.problem([...path, 'batchSize'], `"${name}" takes one inference a request`, 'leave it out');
}

/** Whether a trace says the tokens of each of its requests. */
export function saysTokens({ promptTokens, outputTokens }: Trace): boolean {
  return [promptTokens, outputTokens].every((column) => column !== undefined && !column.includes(0));
}
