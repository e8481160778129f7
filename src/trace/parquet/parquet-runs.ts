import type { DataReader } from 'hyparquet';
import { readVarInt } from 'hyparquet/src/thrift.js';

/**
 * Walks through the runs of Parquet's hybrid of run-length encoding and bit packing until `count` values
 * of `width` bits have been seen; returns how many of them are 1 (of width 1: how many are there).
 *
 * @throws Error or RangeError where runs go on beyond the values, or the bytes end before them
 */
export function countOnes(reader: DataReader, width: number, count: number): number {
  let ones = 0;
  let seen = 0;
  while (seen < count) {
    const header = readVarInt(reader) >>> 0;
    const isPacked = (header & 1) === 1;
    const length = isPacked ? (header >>> 1) * VALUES_PER_GROUP : header >>> 1;
    const bytes = isPacked ? (header >>> 1) * width : Math.ceil(width / 8);
    const isTooLong = isPacked ? length > count - seen + MOST_PADDING : length > count - seen;
    if (isTooLong || reader.offset + bytes > reader.view.byteLength) throw new Error('a run is too long');
    if (width === 1)
      ones += isPacked ? packedOnes(reader, Math.min(length, count - seen)) : length * bit(reader);
    reader.offset += bytes;
    seen += length;
  }
  return ones;
}

/** Bit packing is by groups of eight values. */
const VALUES_PER_GROUP = 8;
/** The last group is filled up; some writers fill up a block of groups. */
const MOST_PADDING = 1024;

function bit(reader: DataReader): number {
  return reader.view.getUint8(reader.offset) & 1;
}

function packedOnes({ view, offset }: DataReader, count: number): number {
  let ones = 0;
  for (let i = 0; i < count; i++) ones += (view.getUint8(offset + (i >>> 3)) >>> (i & 7)) & 1;
  return ones;
}

/**
 * Checks the head of a delta-packed column: blocks of so many values in so many parts.
 *
 * @throws Error where no writer would choose these sizes
 */
export function checkDeltas(reader: DataReader): void {
  const valuesPerBlock = readVarInt(reader);
  const partsPerBlock = readVarInt(reader);
  const isUsual =
    partsPerBlock >= 1 && partsPerBlock <= valuesPerBlock && valuesPerBlock <= MOST_VALUES_PER_BLOCK;
  if (!isUsual) throw new Error(`a block of ${valuesPerBlock} values in ${partsPerBlock} parts`);
}

const MOST_VALUES_PER_BLOCK = 65_536;
