import { isDeepStrictEqual } from 'node:util';
import { ProblemList } from '../../../src/base/problem.js';
import type { ModelConfig } from '../../../src/scenario/model-config.js';
import { interpretModelConfig } from '../../../src/scenario/triton/interpret.js';
import { readModelConfigText } from '../../../src/scenario/triton/model-config-text.js';
import {
  type EnsembleModel,
  isEnsemble,
  type Row,
  type RowModel,
  type SleepingModel,
  stepsOf,
} from './row.js';

const TYPE = 'data_type: TYPE_FP32';
const TENSOR = `${TYPE} dims: [1]`;

/** Name of an input of a model. */
export function inputName(model: RowModel, number = 0): string {
  return isEnsemble(model) ? 'IN' : `INPUT${number}`;
}

/**
 * The whole `config.pbtxt` of a model.
 * @param prefix of all models' names, so that rows do not share them
 */
export function configText({ models }: Pick<Row, 'models'>, name: string, prefix = ''): string {
  const model = models[name]!;
  const lines = isEnsemble(model) ? ensembleLines(models, model, prefix) : sleepingLines(model, prefix);
  return `${lines.join('\n')}\n`;
}

function sleepingLines(model: SleepingModel, prefix: string): string[] {
  const { config, serviceMs, itemMs = 0, inputs = 1, input, calls = [], responses } = model;
  const parameters = {
    fixed_us: serviceMs * 1000,
    item_us: itemMs * 1000,
    prefix,
    calls: JSON.stringify(calls),
    ...(responses !== undefined && { responses: JSON.stringify(responses) }),
    ...(model.isAsync === true && { is_async: 1 }),
    ...(model.mayDie === true && { may_die: 1 }),
  };
  const names = Array.from({ length: inputs }, (_, i) => inputName(model, i));
  return [
    'backend: "python"',
    config,
    ...(responses === undefined ? [] : ['model_transaction_policy { decoupled: true }']),
    ...names.map((each) => `input [ { name: "${each}" ${TYPE} ${input ?? 'dims: [1]'} } ]`),
    `output [ { name: "OUTPUT0" ${TYPE} dims: [${input === undefined ? 1 : -1}] } ]`,
    ...Object.entries(parameters).map(
      ([key, value]) =>
        `parameters { key: "${key}" value: { string_value: ${JSON.stringify(String(value))} } }`,
    ),
    ...(isWarmedByItself(model) ? [warmUp(names)] : []),
  ];
}

/** Whether its executions are warm when it is loaded: others have to be sent requests. */
export function isWarmedByItself(model: RowModel): boolean {
  if (isEnsemble(model) || model.file !== undefined) return false;
  return !model.calls && !model.responses && !model.config.includes('sequence_batching');
}

/** The first execution of a Python process takes many times longer; this one is over before the model is ready. */
function warmUp(names: readonly string[]): string {
  const inputs = names.map(
    (name) => `inputs { key: "${name}" value: { data_type: TYPE_FP32 dims: [ 1 ] zero_data: true } }`,
  );
  return `model_warmup [ { name: "first" batch_size: 1 ${inputs.join(' ')} } ]`;
}

function ensembleLines(models: Row['models'], model: EnsembleModel, prefix: string): string[] {
  const steps = stepsOf(model);
  const outputs = steps.map(({ gives }) => gives).filter((tensor) => tensor.startsWith('OUT'));
  return [
    'platform: "ensemble"',
    model.config ?? 'max_batch_size: 8',
    `input [ { name: "IN" ${TENSOR} } ]`,
    ...outputs.map((name) => `output [ { name: "${name}" ${TENSOR} } ]`),
    'ensemble_scheduling {',
    ...steps.map(({ needs, model: name, output: asked, gives }) => {
      const of = models[name]!;
      const inputs = needs.map((tensor, i) => `input_map { key: "${inputName(of, i)}" value: "${tensor}" }`);
      const key = asked ?? (isEnsemble(of) ? 'OUT' : 'OUTPUT0');
      const output = `output_map { key: "${key}" value: "${gives}" }`;
      return `  step [ { model_name: "${prefix}${name}" model_version: -1 ${inputs.join(' ')} ${output} } ]`;
    }),
    '}',
  ];
}

/** The configuration of a model as perseus reads it from the text. */
export function readConfig(row: Row, name: string, prefix = ''): ModelConfig {
  const problems = new ProblemList();
  const source = readModelConfigText(configText(row, name, prefix), 'config.pbtxt', problems);
  const config = source && interpretModelConfig(source, { name: prefix + name, devices: 0 }, problems);
  problems.throwIfAny();
  return config!;
}

/** How a configuration in force differs from what perseus reads in its file; undefined when it does not. */
export function configDifference(inForce: ModelConfig, read: ModelConfig): string | undefined {
  const [theirs, ours] = [unnamed(inForce), unnamed(read)];
  const keys = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])] as (keyof ModelConfig)[];
  const lines = keys
    .filter((key) => !isDeepStrictEqual(theirs[key], ours[key]))
    .map((key) => `${key} ${print(theirs[key])}, read as ${print(ours[key])}`);
  return lines.length === 0 ? undefined : lines.join('; ');
}

/** Names of instance groups have no effect, and Triton has its own for those that have none. */
function unnamed(config: ModelConfig): ModelConfig {
  return { ...config, instanceGroups: config.instanceGroups.map((group) => ({ ...group, name: '' })) };
}

function print(value: unknown): string {
  const plain = (_: string, inner: unknown) => (inner instanceof Map ? Object.fromEntries(inner) : inner);
  return JSON.stringify(value, plain) ?? 'nothing';
}
