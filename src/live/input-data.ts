import { ProblemList } from '../base/problem.js';
import { type Random, RandomStreams } from '../base/random.js';
import type { ModelConfig, TensorConfig } from '../scenario/model-config.js';
import type { InputTensor } from './inference-client.js';
import { type ElementType, elementType, encodeBytes } from './tensor-encoding.js';
import { encodeValues, type InputValues } from './tensor-values.js';

export interface InputOptions {
  /** Inferences in the request; ignored for models without a batch dimension. */
  readonly batchSize: number;
  /**
   * What the tensors hold. Zeros are the default: random bytes in a float make infinities, and infinities and
   * denormal numbers change the speed of a model. Random floats lie between 0 and 1, whole numbers in 0 to 127 (valid
   * as an index almost everywhere), texts are letters and digits.
   */
  readonly fill?: 'zero' | 'random';
  /** Seed of random contents; the same seed gives the same tensors. */
  readonly seed?: number | string;
  /** Shape by input, without the batch dimension. A variable dimension that is not given here is 1. */
  readonly shapes?: ReadonlyMap<string, readonly number[]>;
  /** Contents by input that take the place of `fill`, of one inference (repeated) or of the whole request. */
  readonly values?: ReadonlyMap<string, InputValues>;
}

/**
 * Tensors that the model accepts: all that {@link isSent}. Throws an `InputError` with every input that cannot be built.
 */
export function buildInputs(config: ModelConfig, options: InputOptions): InputTensor[] {
  const problems = new ProblemList();
  checkNames(config, options, problems);
  checkBatchSize(config, options, problems);
  const wanted = config.inputs.filter((input) => isSent(input, options));
  const tensors =
    problems.problems.length > 0 ? [] : wanted.map((each) => buildTensor(each, config, options, problems));
  problems.throwIfAny();
  return tensors.filter((tensor) => tensor !== undefined);
}

/** Optional inputs are left out unless values or a shape are given for them. */
export function isSent(
  { name, optional = false }: TensorConfig,
  { values, shapes }: Pick<InputOptions, 'values' | 'shapes'>,
): boolean {
  return !optional || values?.has(name) === true || shapes?.has(name) === true;
}

function checkNames(
  { name: model, inputs }: ModelConfig,
  options: InputOptions,
  problems: ProblemList,
): void {
  const known = inputs.map(({ name }) => name);
  const named = new Set([...(options.shapes?.keys() ?? []), ...(options.values?.keys() ?? [])]);
  for (const name of named) {
    if (known.includes(name)) continue;
    problems.add({
      what: `"${model}" has no input "${name}"`,
      remedy: known.length === 0 ? 'it has none at all' : `it has ${known.join(', ')}`,
    });
  }
}

function checkBatchSize(config: ModelConfig, { batchSize }: InputOptions, problems: ProblemList): void {
  const { name, maxBatchSize } = config;
  if (maxBatchSize === 0 || (Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= maxBatchSize))
    return;
  problems.add({
    what: `a batch of ${batchSize} does not fit "${name}"`,
    remedy: `its max_batch_size allows 1 to ${maxBatchSize}`,
  });
}

/** gRPC frames messages with a signed 32-bit length in most implementations. */
const MOST_BYTES = 2 ** 31 - 1;

function buildTensor(
  tensor: TensorConfig,
  config: ModelConfig,
  options: InputOptions,
  problems: ProblemList,
): InputTensor | undefined {
  const problem = (what: string, remedy: string): undefined => {
    problems.add({ what: `input "${tensor.name}": ${what}`, remedy });
  };
  const type = elementType(tensor.dataType);
  if (type === undefined) return problem(`unknown data type ${tensor.dataType}`, 'leave this model out');
  const dims = resolveDims(tensor, options.shapes?.get(tensor.name));
  if (typeof dims === 'string') return problem(dims, `its configuration says [${tensor.dims.join(', ')}]`);
  const inferences = config.maxBatchSize > 0 ? options.batchSize : 1;
  const elements = dims.reduce((product, dim) => product * dim, 1);
  const bytes = elements * inferences * (type === 'BYTES' ? 4 + TEXT_BYTES : type.bytes);
  if (bytes > MOST_BYTES)
    return problem(`${bytes} bytes are too many for a request`, 'give a smaller shape or batch');
  const values = options.values?.get(tensor.name);
  const data =
    values === undefined
      ? fillTensor(type, elements * inferences, tensor.name, options)
      : encodeValues(values, { type, elements, inferences });
  if (typeof data === 'string')
    return problem(data, 'give the values of one inference, or of the whole request');
  const shape = config.maxBatchSize > 0 ? [inferences, ...dims] : dims;
  return { name: tensor.name, dataType: type === 'BYTES' ? 'BYTES' : type.name, shape, data };
}

/** The shape of one inference, or what is wrong with the one given. */
function resolveDims({ dims }: TensorConfig, given?: readonly number[]): readonly number[] | string {
  if (given === undefined) return dims.map((dim) => (dim === -1 ? 1 : dim));
  const fits =
    given.length === dims.length &&
    given.every((size, i) => Number.isInteger(size) && size >= 1 && (dims[i] === -1 || dims[i] === size));
  return fits ? given : `the shape [${given.join(', ')}] does not fit`;
}

/** Of each random text. */
const TEXT_BYTES = 16;

function fillTensor(
  type: ElementType | 'BYTES',
  count: number,
  name: string,
  { fill = 'zero', seed = 0 }: InputOptions,
): Uint8Array {
  if (fill === 'zero') return new Uint8Array(count * (type === 'BYTES' ? 4 : type.bytes));
  const random = new RandomStreams(seed).get(`input ${name}`);
  if (type === 'BYTES') return encodeBytes(Array.from({ length: count }, () => randomText(random)));
  const data = new Uint8Array(count * type.bytes);
  const view = new DataView(data.buffer);
  for (let i = 0; i < count; i++) type.write(view, i * type.bytes, randomValue(type, random));
  return data;
}

function randomValue({ kind }: ElementType, random: Random): number {
  if (kind === 'float') return random.next();
  return random.nextInt(kind === 'bool' ? 2 : 128);
}

const ALPHABET = new TextEncoder().encode('abcdefghijklmnopqrstuvwxyz0123456789');

function randomText(random: Random): Uint8Array {
  return Uint8Array.from({ length: TEXT_BYTES }, () => ALPHABET[random.nextInt(ALPHABET.length)]!);
}
