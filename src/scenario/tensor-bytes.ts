import type { ModelConfig, TensorConfig } from './model-config.js';

/** Bytes of one inference, as they are sent. */
export interface Payload {
  readonly requestBytes: number;
  readonly responseBytes: number;
}

/** The length that a text is sent with. */
const TEXT_LENGTH_BYTES = 4;

/** Bytes of one inference of a tensor, variable dimensions counted as one; a text is at least its length. */
export function leastBytes({ dataType, dims }: Pick<TensorConfig, 'dataType' | 'dims'>): number {
  const bytes = isText(dataType) ? TEXT_LENGTH_BYTES : elementBytes(dataType);
  return dims.reduce((size, dim) => size * Math.max(1, dim), bytes);
}

/** Bytes of one inference by the tensors of the configuration; 0 where a dimension or a type has no fixed size. */
export function payloadOf(config: ModelConfig | undefined): Payload {
  const bytes = (tensors: readonly TensorConfig[] = []) =>
    tensors.reduce((sum, tensor) => sum + (hasFixedSize(tensor) ? leastBytes(tensor) : 0), 0);
  return { requestBytes: bytes(config?.inputs), responseBytes: bytes(config?.outputs) };
}

/** Whether all of its values have one size, and no dimension is variable. */
export function hasFixedSize({ dataType, dims }: TensorConfig): boolean {
  return !isText(dataType) && !dims.includes(-1);
}

function isText(dataType: string): boolean {
  return /^(TYPE_)?(STRING|BYTES)$/.test(dataType);
}

/** By the protocol's name (`FP32`) or that in a configuration (`TYPE_FP32`); 0 where there is no such type. */
function elementBytes(dataType: string): number {
  const name = dataType.replace(/^TYPE_/, '');
  if (name === 'BOOL') return 1;
  const bits = /^(?:INT|UINT|FP|BF)(8|16|32|64)$/.exec(name)?.[1];
  return Number(bits ?? 0) / 8;
}
