/** A data type of the KServe protocol: how many bytes an element takes and how it is written. */
export interface ElementType {
  /** The protocol's name. */
  readonly name: string;
  readonly bytes: number;
  readonly kind: 'bool' | 'integer' | 'float';
  /** Bounds of an integer type. */
  readonly min: bigint;
  readonly max: bigint;
  readonly write: (view: DataView, at: number, value: number | bigint) => void;
}

/** The type of that name in the protocol (`FP32`) or in a configuration (`TYPE_FP32`); BYTES has no fixed size. */
export function elementType(dataType: string): ElementType | 'BYTES' | undefined {
  const name = dataType.replace(/^TYPE_/, '');
  if (name === 'STRING' || name === 'BYTES') return 'BYTES';
  return ELEMENT_TYPES.get(name);
}

const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map(
  [
    other('BOOL', 1, 'bool', (view, at, value) => view.setUint8(at, value ? 1 : 0)),
    integer('UINT8', 8, false, (view, at, value) => view.setUint8(at, Number(value))),
    integer('UINT16', 16, false, (view, at, value) => view.setUint16(at, Number(value), true)),
    integer('UINT32', 32, false, (view, at, value) => view.setUint32(at, Number(value), true)),
    integer('UINT64', 64, false, (view, at, value) => view.setBigUint64(at, BigInt(value), true)),
    integer('INT8', 8, true, (view, at, value) => view.setInt8(at, Number(value))),
    integer('INT16', 16, true, (view, at, value) => view.setInt16(at, Number(value), true)),
    integer('INT32', 32, true, (view, at, value) => view.setInt32(at, Number(value), true)),
    integer('INT64', 64, true, (view, at, value) => view.setBigInt64(at, BigInt(value), true)),
    other('FP16', 2, 'float', (view, at, value) => view.setUint16(at, halfBits(Number(value)), true)),
    other('BF16', 2, 'float', (view, at, value) => view.setUint16(at, bfloatBits(Number(value)), true)),
    other('FP32', 4, 'float', (view, at, value) => view.setFloat32(at, Number(value), true)),
    other('FP64', 8, 'float', (view, at, value) => view.setFloat64(at, Number(value), true)),
  ].map((type) => [type.name, type]),
);

function integer(name: string, bits: number, isSigned: boolean, write: ElementType['write']): ElementType {
  const span = 1n << BigInt(bits);
  const bounds = isSigned ? { min: -span / 2n, max: span / 2n - 1n } : { min: 0n, max: span - 1n };
  return { name, bytes: bits / 8, kind: 'integer', ...bounds, write };
}

function other(
  name: string,
  bytes: number,
  kind: 'bool' | 'float',
  write: ElementType['write'],
): ElementType {
  return { name, bytes, kind, min: 0n, max: 1n, write };
}

/** BYTES elements, each after its length as a 32-bit little-endian number. */
export function encodeBytes(elements: readonly Uint8Array[]): Uint8Array {
  const data = new Uint8Array(elements.reduce((size, { length }) => size + 4 + length, 0));
  const view = new DataView(data.buffer);
  let at = 0;
  for (const element of elements) {
    view.setUint32(at, element.length, true);
    data.set(element, at + 4);
    at += 4 + element.length;
  }
  return data;
}

const SCRATCH = new DataView(new ArrayBuffer(4));

function floatBits(value: number): number {
  SCRATCH.setFloat32(0, value);
  return SCRATCH.getUint32(0);
}

/** bfloat16: the upper half of a 32-bit float, rounded to the nearest, ties to even. */
function bfloatBits(value: number): number {
  const bits = floatBits(value);
  if (Number.isNaN(value)) return 0x7fc0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/**
 * IEEE 754 binary16, rounded to the nearest, ties to even. Rounded once, from the double: its unit in the last
 * place is a power of two, so dividing by that is exact.
 */
function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65_520) return sign | 0x7c00;
  const exponent = Math.max(exponentOf(size), -14);
  const units = roundToEven(size / 2 ** (exponent - 10));
  // A carry out of the fraction raises the exponent by itself; below 2^-14 there is no hidden bit to take off.
  return sign | (units + ((exponent + 14) << 10));
}

function exponentOf(size: number): number {
  return ((floatBits(size) >>> 23) & 0xff) - 127;
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
