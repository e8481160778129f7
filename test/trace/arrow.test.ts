import {
  Bool,
  Dictionary,
  Float16,
  Float64,
  Int32,
  Int64,
  makeData,
  Table,
  TimestampMicrosecond,
  tableFromArrays,
  tableFromIPC,
  tableToIPC,
  Uint16,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { traceFromArrow } from '../../src/trace/arrow/read-trace.js';
import { traceToArrow } from '../../src/trace/arrow/write-trace.js';
import { buildTrace } from '../../src/trace/build.js';
import { IS_SLOW } from '../support/cases.js';
import { anyTrace, onlyInputErrors, problemsOf } from './arbitrary-trace.js';
import { CATEGORICAL, COMPRESSED } from './polars-files.js';

const EXAMPLE = buildTrace({
  arrivalUs: [0, 1500, 1500],
  tenants: ['a', 'b'],
  tenant: [0, 1, 0],
  batchSize: [1, 2, 4],
  durationUs: 2000,
  source: 'test',
});

const WRONG = [0, 1, 2, 4, 127, 128, 255];

describe('a trace as Arrow', () => {
  test('comes back as it was, whatever is in it', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => void expect(traceFromArrow(traceToArrow(trace))).toEqual(trace)),
    );
  });

  test('has the same bytes every time', () => {
    expect(traceToArrow(EXAMPLE)).toEqual(traceToArrow(structuredClone(EXAMPLE)));
  });

  test('is read without copying its columns', () => {
    const bytes = traceToArrow(EXAMPLE);
    const trace = traceFromArrow(bytes);
    for (const column of [trace.arrivalUs, trace.tenant, trace.batchSize])
      expect(column?.buffer).toBe(bytes.buffer);
  });

  test('is read from bytes that lie anywhere in memory', () => {
    const bytes = traceToArrow(EXAMPLE);
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    expect(traceFromArrow(shifted)).toEqual(EXAMPLE);
  });

  test('may come from another writer: other integers, plain text, missing values, an index', () => {
    const table = new Table({
      arrival_us: vectorFromArray([0n, 1500n, 1500n], new Int64()),
      tenant: vectorFromArray(['a', 'b', 'a'], new Utf8()),
      batch_size: vectorFromArray([1, 2, 4], new Int32()),
      priority: vectorFromArray([null, 2, 3], new Int32()),
      __index_level_0__: vectorFromArray([0, 1, 2], new Int32()),
    });
    for (const kind of ['file', 'stream'] as const) {
      const trace = traceFromArrow(tableToIPC(table, kind));
      expect(trace).toEqual({
        ...EXAMPLE,
        priority: Uint32Array.of(0, 2, 3),
        durationUs: 1500,
        source: undefined,
      });
    }
  });

  test('may have several record batches, each with its own dictionary order', () => {
    const chunk = (names: string[], codes: number[]) =>
      makeData({
        type: new Dictionary(new Utf8(), new Uint16(), 7),
        data: Uint16Array.from(codes),
        dictionary: vectorFromArray(names, new Utf8()),
      });
    const tenant = new Vector([chunk(['a', 'b'], [0, 1]), chunk(['a', 'b'], [1])]);
    const arrival = vectorFromArray([1, 2], new Float64()).concat(vectorFromArray([3], new Float64()));
    const trace = traceFromArrow(tableToIPC(new Table({ arrival_us: arrival, tenant })));
    expect(trace.tenants).toEqual(['a', 'b']);
    expect([...trace.tenant]).toEqual([0, 1, 1]);
    expect([...trace.arrivalUs]).toEqual([1, 2, 3]);
  });

  test('may have its dictionary behind its batch, as polars writes it', () => {
    const { tenants, tenant, arrivalUs } = traceFromArrow(CATEGORICAL);
    expect(tenants).toEqual(['a', 'a long name of a tenant']);
    expect([...tenant]).toEqual([0, 1, 0]);
    expect([...arrivalUs]).toEqual([0, 1500, 1500]);
  });

  test('is refused with what to write instead where it is compressed, or its arrivals are dates', () => {
    const dates = new Table({ arrival_us: vectorFromArray([0, 1500], new TimestampMicrosecond()) });
    expect(
      [COMPRESSED, tableToIPC(dates)].flatMap((bytes) => problemsOf(() => traceFromArrow(bytes))),
    ).toEqual([
      { what: 'the file is compressed inside', remedy: 'write it with compression "uncompressed"' },
      {
        path: 'arrival_us',
        what: 'is of the type Timestamp, not a number',
        remedy: 'write a whole number of microseconds since the start of the trace, 0 or more',
      },
    ]);
  });

  test('needs no tenant column', () => {
    const bytes = tableToIPC(tableFromArrays({ arrival_us: Float64Array.of(1) }));
    expect(traceFromArrow(bytes, { tenant: 'me' }).tenants).toEqual(['me']);
  });

  test.each([
    ['text for a number', { arrival_us: vectorFromArray(['1'], new Utf8()) }],
    ['half precision', { arrival_us: vectorFromArray([1], new Float16()) }],
    ['a missing arrival', { arrival_us: vectorFromArray([1, null], new Float64()) }],
    ['a fraction', { arrival_us: vectorFromArray([0.5], new Float64()) }],
    ['no arrival', { tenant: vectorFromArray(['a'], new Utf8()) }],
    [
      'an unknown column',
      { arrival_us: vectorFromArray([1], new Float64()), batch: vectorFromArray([1], new Int32()) },
    ],
    [
      'a missing tenant',
      {
        arrival_us: vectorFromArray([1, 2], new Float64()),
        tenant: vectorFromArray(['a', null], new Utf8()),
      },
    ],
    [
      'a tenant that is no text',
      { arrival_us: vectorFromArray([1], new Float64()), tenant: vectorFromArray([true], new Bool()) },
    ],
  ])('is refused with %s', (_, columns) => {
    expect(
      problemsOf(() =>
        traceFromArrow(tableToIPC(new Table(columns as Record<string, Vector>)), { file: 't.arrow' }),
      )[0]?.file,
    ).toBe('t.arrow');
  });

  test('is refused where its facts name a tenant twice: its requests would become those of the next', () => {
    const table = new Table({
      arrival_us: vectorFromArray([1, 2], new Float64()),
      tenant: vectorFromArray(['a', 'b'], new Utf8()),
    });
    table.schema.metadata.set('perseus.trace', '{"tenants": ["a", "a"]}');
    expect(problemsOf(() => traceFromArrow(tableToIPC(table)))).toMatchObject([
      { path: 'tenants', what: 'is not a list of different names' },
    ]);
  });

  test('is refused where two columns lie over each other, which would be written back as other values', () => {
    const bytes = traceToArrow(buildTrace({ arrivalUs: [0, 1], batchSize: [3, 4], payloadBytes: [5, 6] }));
    const offsets = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // Where the batch says that a buffer of two 32-bit numbers lies, say that it lies eight bytes before.
    const changed = Array.from({ length: bytes.length - 16 }, (_, at) => at).filter((at) => {
      const isPayload = offsets.getBigInt64(at, true) > 8n && offsets.getBigInt64(at + 8, true) === 8n;
      if (isPayload) offsets.setBigInt64(at, offsets.getBigInt64(at, true) - 8n, true);
      return isPayload;
    });
    expect(changed.length).toBeGreaterThan(0);
    expect(problemsOf(() => traceFromArrow(bytes))[0]?.what).toMatch(/lie over each other/);
  });

  test('gives nothing but input errors, and soon, whichever byte is wrong', () => {
    const table = tableFromIPC(traceToArrow(EXAMPLE));
    for (const bytes of [traceToArrow(EXAMPLE), tableToIPC(table, 'stream')]) {
      for (let at = 0; at < bytes.length; at++) {
        for (const value of IS_SLOW ? WRONG : [WRONG[at % WRONG.length]!]) {
          const changed = bytes.slice();
          changed[at] = value;
          onlyInputErrors(() => traceFromArrow(changed));
        }
      }
    }
  });
});
