import { plural } from '../base/plural.js';
import { type ElementType, encodeBytes } from './tensor-encoding.js';

/**
 * Contents of an input: bytes as they travel (little endian; texts after their length), or numbers, truth values
 * and texts, nested as deep as one likes. 64-bit numbers may be written as text.
 */
export type InputValues = Uint8Array | InputElements;
export type InputElements = readonly (InputElement | InputElements)[];
type InputElement = number | string | boolean;

/** What the tensor holds: `elements` per inference. */
export interface TensorSize {
  readonly type: ElementType | 'BYTES';
  readonly elements: number;
  readonly inferences: number;
}

/** The bytes of a tensor from given contents, or what is wrong with them. */
export function encodeValues(values: InputValues, size: TensorSize): Uint8Array | string {
  const encoded = values instanceof Uint8Array ? checkBytes(values, size) : encodeElements(values, size);
  if (typeof encoded === 'string') return encoded;
  const { data, count } = encoded;
  if (count === size.elements * size.inferences) return data;
  if (count === size.elements) return repeat(data, size.inferences);
  const total = size.inferences === 1 ? '' : ` or ${size.elements * size.inferences}`;
  return `${count} ${plural(count, 'element is', 'elements are')} given where ${size.elements}${total} are needed`;
}

interface Encoded {
  readonly data: Uint8Array;
  readonly count: number;
}

function checkBytes(data: Uint8Array, { type }: TensorSize): Encoded | string {
  if (type !== 'BYTES') {
    const count = data.length / type.bytes;
    return Number.isInteger(count)
      ? { data, count }
      : `${data.length} ${plural(data.length, 'byte is', 'bytes are')} no whole number of elements`;
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let count = 0;
  for (let at = 0; at < data.length; count++) {
    if (at + 4 > data.length) return 'its last text has no length';
    at += 4 + view.getUint32(at, true);
    if (at > data.length) return 'its last text is cut off';
  }
  return { data, count };
}

function encodeElements(values: InputElements, { type }: TensorSize): Encoded | string {
  const elements = flatten(values);
  if (type === 'BYTES') return encodeTexts(elements);
  const data = new Uint8Array(elements.length * type.bytes);
  const view = new DataView(data.buffer);
  for (const [i, element] of elements.entries()) {
    const value = readElement(element, type);
    if (value === undefined) return `${JSON.stringify(element)} is no ${type.name}`;
    type.write(view, i * type.bytes, value);
  }
  return { data, count: elements.length };
}

function encodeTexts(elements: readonly unknown[]): Encoded | string {
  const wrong = elements.find((element) => typeof element !== 'string');
  if (wrong !== undefined) return `${JSON.stringify(wrong)} is no text`;
  const encoder = new TextEncoder();
  return {
    data: encodeBytes(elements.map((text) => encoder.encode(text as string))),
    count: elements.length,
  };
}

/** Element by element, so that no depth of nesting overflows the stack. */
function flatten(values: InputElements): unknown[] {
  const flat: unknown[] = [];
  const open: { readonly list: readonly unknown[]; at: number }[] = [{ list: values, at: 0 }];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (top.at === top.list.length) {
      open.pop();
      continue;
    }
    const item = top.list[top.at++];
    if (Array.isArray(item)) open.push({ list: item, at: 0 });
    else flat.push(item);
  }
  return flat;
}

function readElement(element: unknown, type: ElementType): number | bigint | undefined {
  if (type.kind === 'bool') {
    return element === true || element === 1 ? 1 : element === false || element === 0 ? 0 : undefined;
  }
  if (type.kind === 'float')
    return typeof element === 'number' && Number.isFinite(element) ? element : undefined;
  const whole = readInteger(element);
  return whole !== undefined && whole >= type.min && whole <= type.max ? whole : undefined;
}

function readInteger(element: unknown): bigint | undefined {
  if (typeof element === 'string' && /^-?\d{1,20}$/.test(element)) return BigInt(element);
  return typeof element === 'number' && Number.isInteger(element) ? BigInt(element) : undefined;
}

function repeat(data: Uint8Array, times: number): Uint8Array {
  const repeated = new Uint8Array(data.length * times);
  for (let i = 0; i < times; i++) repeated.set(data, i * data.length);
  return repeated;
}
