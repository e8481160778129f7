import type { ContentPlace, InputTensor } from './inference-client.js';
import { type ElementType, elementType } from './tensor-encoding.js';

/** More contents than any run has. */
const ENOUGH = 2 ** 40;
/** Whole numbers below this are valid as an index almost everywhere. */
const MOST_INDEX = 128;
/** Fractions of so many parts are exact in the type: its significand has room for them. */
const FLOAT_PARTS: Readonly<Record<string, number>> = {
  FP16: 2 ** 10,
  BF16: 2 ** 7,
  FP32: 2 ** 24,
  FP64: 2 ** 24,
};
const ASCII_ZERO = 48;

/**
 * Where one of the tensors has room to tell contents apart by: the first of those with the most. Values stay harmless: fractions
 * between 0 and 1, small whole numbers, digits in a text that is there already.
 * @param head bytes of the request before the first tensor
 * @param parts those of each tensor, at the end of which its data lies
 */
export function contentPlace(
  tensors: readonly InputTensor[],
  head: Uint8Array,
  parts: readonly Uint8Array[],
): ContentPlace | undefined {
  let end = head.length;
  const places = tensors.map((tensor, i) => {
    end += parts[i]!.length;
    return placeIn(tensor, end - tensor.data.length);
  });
  const best = places.reduce((most, place) => (place.room > most.room ? place : most), NO_PLACE);
  return best.room < 2 ? undefined : best;
}

const NO_PLACE: ContentPlace = { at: 0, dataType: 'BOOL', digits: 0, base: 2, room: 1 };

function placeIn({ dataType, data }: InputTensor, offset: number): ContentPlace {
  const type = elementType(dataType);
  if (type === undefined || data.length === 0) return NO_PLACE;
  if (type === 'BYTES') {
    const length = new DataView(data.buffer, data.byteOffset).getUint32(0, true);
    return placeOf(offset + 4, dataType, length, 10);
  }
  const elements = data.length / type.bytes;
  return placeOf(offset, dataType, elements, baseOf(type, elements));
}

/** Above `MOST_INDEX` only where there are too few elements for small numbers. */
function baseOf({ kind, name, max }: ElementType, elements: number): number {
  if (kind === 'bool') return 2;
  if (kind === 'float') return FLOAT_PARTS[name]!;
  return MOST_INDEX ** elements >= ENOUGH ? MOST_INDEX : Math.min(Number(max) + 1, 2 ** 24);
}

function placeOf(at: number, dataType: string, elements: number, base: number): ContentPlace {
  const digits = Math.min(elements, Math.ceil(Math.log(ENOUGH) / Math.log(base)));
  return { at, dataType, digits, base, room: base ** digits };
}

/** Writes a content into the bytes of a request. */
export function writeContent(bytes: Uint8Array, place: ContentPlace, content: number): void {
  const { at, dataType, digits, base } = place;
  const type = elementType(dataType)!;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0, rest = content; i < digits; i++, rest = Math.floor(rest / base)) {
    const digit = rest % base;
    if (type === 'BYTES') view.setUint8(at + i, ASCII_ZERO + digit);
    else type.write(view, at + i * type.bytes, elementFor(type, digit, base));
  }
}

/** 64-bit integers are written as such. */
function elementFor({ kind, bytes }: ElementType, digit: number, base: number): number | bigint {
  if (kind === 'float') return digit / base;
  return kind === 'integer' && bytes === 8 ? BigInt(digit) : digit;
}
