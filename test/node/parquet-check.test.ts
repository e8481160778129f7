import { parquetMetadata } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { traceFromParquet } from '../../src/node/files/parquet.js';
import { checkParquetPages } from '../../src/trace/parquet/parquet-check.js';
import { checkDeltas, countOnes } from '../../src/trace/parquet/parquet-runs.js';

const readerOf = (...bytes: number[]) => ({ view: new DataView(Uint8Array.from(bytes).buffer), offset: 0 });

describe('runs of Parquet values', () => {
  it('are counted, whether they are packed or repeated', () => {
    // A run of 5 ones (header 2 * 5), then a group of eight packed values (header 2 * 1 + 1).
    expect(countOnes(readerOf(10, 1, 3, 0b0000_0110), 1, 9)).toBe(7);
    // Packed values beyond the last one are padding.
    expect(countOnes(readerOf(3, 0b1111_1111), 1, 3)).toBe(3);
  });

  it('may not go on beyond the values, nor beyond the bytes', () => {
    // Headers of 2^30 repeated values, of 2^28 packed groups, and of one group without its byte.
    for (const bytes of [[0x80, 0x80, 0x80, 0x80, 0x08, 1], [0xff, 0xff, 0xff, 0xff, 0x01], [3]]) {
      expect(() => countOnes(readerOf(...bytes), 1, 8)).toThrow('a run is too long');
    }
  });

  it('of differences have blocks of a usual size', () => {
    expect(() => checkDeltas(readerOf(0x80, 0x01, 4))).not.toThrow();
    for (const bytes of [
      [0x80, 0x01, 0],
      [8, 16],
      [0xff, 0xff, 0xff, 0x7f, 4],
    ]) {
      expect(() => checkDeltas(readerOf(...bytes))).toThrow(/^a block of/);
    }
  });
});

describe('a Parquet trace', () => {
  const columns = {
    plain: { name: 'arrival_us', data: [1, 2, 3, 4], type: 'INT32', nullable: true },
    deltas: { name: 'arrival_us', data: [1, 2, 3, 4], type: 'INT32', encoding: 'DELTA_BINARY_PACKED' },
    names: { name: 'tenant', data: ['a', 'b', 'a', 'b'], type: 'STRING', nullable: true },
  } as const;

  it('is read or refused, and soon, whichever byte of a page is wrong', async () => {
    for (const codec of ['UNCOMPRESSED', 'SNAPPY'] as const) {
      for (const arrival of [columns.plain, columns.deltas]) {
        const columnData = [arrival, columns.names].map((column) => ({ ...column, data: [...column.data] }));
        const bytes = new Uint8Array(parquetWriteBuffer({ columnData, codec, rowGroupSize: 2 }));
        for (let at = 4; at < bytes.length / 3; at++) {
          for (const value of [0, 1, 127, 128, 255]) {
            const changed = bytes.slice();
            changed[at] = value;
            await traceFromParquet(changed).catch((error) => void expect(error).toBeInstanceOf(InputError));
          }
        }
      }
    }
  });

  it('with an encoding that could grow without end is refused by its name', async () => {
    const tenants = {
      name: 'tenant',
      data: ['a', 'ab', 'abc'],
      type: 'STRING',
      encoding: 'DELTA_BYTE_ARRAY',
    } as const;
    const arrivals = { name: 'arrival_us', data: [1, 2, 3], type: 'INT32' } as const;
    const columnData = [arrivals, tenants].map((column) => ({ ...column, data: [...column.data] }));
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData }));
    await expect(traceFromParquet(bytes)).rejects.toThrow(/DELTA_BYTE_ARRAY/);
  });

  it('may not claim more rows than its bytes could hold', () => {
    const column = { ...columns.plain, data: [...columns.plain.data] };
    const file = parquetWriteBuffer({ columnData: [column] });
    const metadata = parquetMetadata(file);
    const claim = (rows: bigint) => ({
      ...metadata,
      row_groups: metadata.row_groups.map((group) => ({ ...group, num_rows: rows })),
    });
    expect(() => checkParquetPages(file, claim(4n), ['arrival_us'], {})).not.toThrow();
    expect(() => checkParquetPages(file, claim(2n), ['arrival_us'], {})).toThrow(RangeError);
    expect(() => checkParquetPages(file, claim(1n << 40n), ['arrival_us'], {})).toThrow(RangeError);
  });
});
