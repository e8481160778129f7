import { ProblemList, problemsOf } from '../base/problem.js';
import type { ModelConfig } from '../scenario/model-config.js';
import type { InferRequest, LiveError } from './inference-client.js';
import { buildInputs, type InputOptions, isSent } from './input-data.js';
import type { InputContents } from './input-files.js';

export type InputsOf = (config: ModelConfig) => Omit<InputOptions, 'batchSize'>;

export interface GivenInputs {
  readonly fill?: 'zero' | 'random';
  /** For every model that has inputs of these names. */
  readonly all?: InputContents;
  /** For one model each, by its name; takes the place of what is said for all. */
  readonly byModel?: ReadonlyMap<string, InputContents>;
}

const NOTHING: InputContents = { values: new Map(), shapes: new Map() };

/** Picks for each model what concerns it. */
export function inputsOf({ fill, all = NOTHING, byModel = new Map() }: GivenInputs): InputsOf {
  return ({ name, inputs }) => {
    const has = new Set(inputs.map((input) => input.name));
    const own = byModel.get(name) ?? NOTHING;
    const merged = <T>(common: ReadonlyMap<string, T>, special: ReadonlyMap<string, T>) =>
      new Map([...[...common].filter(([input]) => has.has(input)), ...special]);
    return {
      ...(fill !== undefined && { fill }),
      values: merged(all.values, own.values),
      shapes: merged(all.shapes, own.shapes),
    };
  };
}

export function requestTo(config: ModelConfig, batchSize: number, inputs: InputsOf): InferRequest {
  const { name, decoupled } = config;
  const tensors = buildInputs(config, { ...inputs(config), batchSize });
  return { model: name, batchSize, inputs: tensors, ...(decoupled === true && { isStream: true }) };
}

/**
 * Makes sure that what is given fits the models, before anything is measured.
 * @throws InputError with every name that nobody has, and every tensor that cannot be built
 */
export function requireInputs(given: GivenInputs, configs: readonly ModelConfig[]): void {
  const problems = new ProblemList();
  const known = configs.flatMap(({ inputs }) => inputs.map(({ name }) => name));
  const { all = NOTHING, byModel = new Map() } = given;
  for (const name of new Set([...all.values.keys(), ...all.shapes.keys()])) {
    if (!known.includes(name))
      problems.add({
        what: `no model has an input "${name}"`,
        remedy: `write one of ${[...new Set(known)].join(', ')}`,
      });
  }
  for (const model of byModel.keys()) {
    if (!configs.some(({ name }) => name === model))
      problems.add({
        what: `inputs are given for "${model}", which is not among the models`,
        remedy: `write one of ${configs.map(({ name }) => name).join(', ')}`,
      });
  }
  const inputs = inputsOf(given);
  for (const config of configs) {
    try {
      buildInputs(config, { ...inputs(config), batchSize: 1 });
    } catch (error) {
      for (const problem of problemsOf(error)) problems.add({ path: config.name, ...problem });
    }
  }
  problems.throwIfAny();
}

/** What to give a model that answers errors to inputs which nobody chose for it; nothing where all of them were given. */
export function inputHint(
  error: LiveError,
  given: GivenInputs,
  config: ModelConfig,
  orRandom = '--fill random with another --out',
): string[] {
  if (error.kind !== 'server' && error.kind !== 'invalid') return [];
  const { fill = 'zero', values } = inputsOf(given)(config);
  const filled = config.inputs.filter(({ name }) => !values?.has(name)).map(({ name }) => name);
  if (filled.length === 0) return [];
  const file = `--input ${config.name}=FILE`;
  return [
    fill === 'zero'
      ? `${filled.join(', ')} held zeros: where the model refuses them, ${file} sends others, or ${orRandom}`
      : `${filled.join(', ')} held random values: where the model refuses them, ${file} sends others`,
  ];
}

/** Inputs whose variable dimensions nobody gave, by model: they are 1 then. */
export function openShapes(given: GivenInputs, configs: readonly ModelConfig[]) {
  const inputs = inputsOf(given);
  return configs.flatMap((config) => {
    const options = inputs(config);
    const open = config.inputs.filter(
      (input) => input.dims.includes(-1) && !options.shapes?.has(input.name) && isSent(input, options),
    );
    return open.length === 0 ? [] : [{ model: config.name, inputs: open }];
  });
}

/** What requests to the models held that nobody chose: a sentence for each model of {@link openShapes}, and for optional inputs. */
export function assumedInputs(given: GivenInputs, configs: readonly ModelConfig[]): string[] {
  const shapes = openShapes(given, configs).map(({ model, inputs }) => {
    const as = inputs.map(({ name, dims }) => `${name} [${dims.map((dim) => Math.abs(dim)).join(', ')}]`);
    return `${model} was measured with its variable dimensions at 1: ${as.join(', ')}; --shape or --input says what requests really hold`;
  });
  const inputs = inputsOf(given);
  const unsent = configs.flatMap((config) => {
    const names = config.inputs.filter((input) => !isSent(input, inputs(config))).map(({ name }) => name);
    return names.length === 0
      ? []
      : [
          `${config.name} was measured without its optional ${names.join(', ')}; --input or --shape sends what clients send`,
        ];
  });
  return [...shapes, ...unsent];
}
