import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { traceFromParquet, traceToParquet } from '../../src/node/files/parquet.js';
import { importTraceFile, readTrace, writeTrace } from '../../src/node/scenario/trace-files.js';
import { buildTrace } from '../../src/trace/build.js';
import { formatTraceCsv } from '../../src/trace/csv.js';
import { anyTrace } from '../trace/arbitrary-trace.js';

const EXAMPLE = buildTrace({
  arrivalUs: [0, 1500, 1500],
  tenants: ['a', 'b'],
  tenant: [0, 1, 0],
  batchSize: [1, 2, 4],
  payloadBytes: [0, 4_294_967_295, 1],
  timeoutUs: [0, 9_007_199_254_740_991, 1],
  durationUs: 2000,
  source: 'test',
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perseus-trace-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function problemOf(read: () => Promise<unknown>): Promise<string> {
  const error = await read().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).message.replaceAll(folder, '');
}

describe('a trace file', () => {
  test.each(['arrow', 'parquet', 'csv', 'jsonl', 'csv.gz', 'jsonl.gz', 'CSV'])(
    'of .%s is read as it was written',
    async (extension) => {
      const path = join(folder, `same.${extension}`);
      await writeTrace(path, EXAMPLE);
      expect(await readTrace(path)).toEqual(EXAMPLE);
    },
  );

  test.each(['arrow', 'parquet'])('of .%s may be packed with gzip from outside', async (extension) => {
    const path = join(folder, `packed.${extension}`);
    await writeTrace(path, EXAMPLE);
    await writeFile(`${path}.gz`, gzipSync(await readFile(path)));
    expect(await readTrace(`${path}.gz`)).toEqual(EXAMPLE);
  });

  test('replaces an older one whole, and leaves nothing else behind', async () => {
    const own = await mkdtemp(join(folder, 'atomic-'));
    const path = join(own, 'trace.csv');
    await writeFile(path, 'old');
    await writeTrace(path, EXAMPLE);
    expect(await readFile(path, 'utf8')).toBe(formatTraceCsv(EXAMPLE));
    expect(await readdir(own)).toEqual(['trace.csv']);
  });

  test('that cannot be written leaves nothing behind', async () => {
    const own = await mkdtemp(join(folder, 'failed-'));
    const broken = { ...EXAMPLE, tenant: undefined as unknown as Uint16Array };
    await expect(writeTrace(join(own, 'trace.csv'), broken)).rejects.toThrow();
    expect(await readdir(own)).toEqual([]);
  });

  test('is written as the same bytes every time', async () => {
    for (const extension of ['arrow', 'parquet', 'csv.gz', 'jsonl']) {
      const paths = ['one', 'two'].map((name) => join(folder, `${name}.${extension}`));
      for (const path of paths) await writeTrace(path, EXAMPLE);
      const [one, two] = await Promise.all(paths.map((path) => readFile(path)));
      expect(one?.equals(two as Buffer)).toBe(true);
    }
  });

  test('longer than one chunk is whole', async () => {
    const long = buildTrace({ arrivalUs: Float64Array.from({ length: 150_000 }, (_, row) => row) });
    for (const extension of ['csv', 'jsonl.gz', 'parquet']) {
      const path = join(folder, `long.${extension}`);
      await writeTrace(path, long);
      expect(await readTrace(path)).toEqual(long);
    }
  });

  test('may be sorted while it is read', async () => {
    const path = join(folder, 'unsorted.csv');
    await writeFile(path, 'arrival_us\n5\n3\n');
    expect(await problemOf(() => readTrace(path))).toMatch(/^\/unsorted.csv:3: arrival_us: 3 comes after 5/);
    expect([...(await readTrace(path, { sort: true })).arrivalUs]).toEqual([3, 5]);
  });
});

describe('what is wrong with a file is told with its name and a remedy', () => {
  test('there is none', async () => {
    expect(await problemOf(() => readTrace(join(folder, 'none.csv')))).toBe(
      '/none.csv: there is no such file; check the path',
    );
  });

  test('it is a folder', async () => {
    const path = await mkdtemp(join(folder, 'folder.csv'.slice(0, 7)));
    expect(await problemOf(() => importTraceFile('counts', path))).toMatch(
      /this is a folder; name a file in it$/,
    );
  });

  test('it holds what another system did not write', async () => {
    const path = join(folder, 'tt.json');
    await writeFile(path, '{}');
    expect(await problemOf(() => importTraceFile('triton-trace', path))).toMatch(
      /^\/tt.json: the file is not/,
    );
  });

  test('its name tells no format', async () => {
    expect(await problemOf(() => readTrace('trace.txt'))).toMatch(
      /^trace.txt: the name does not tell the format/,
    );
    expect(await problemOf(() => writeTrace('constructor', EXAMPLE))).toMatch(
      /end it in .arrow, .parquet, .csv, .jsonl/,
    );
    expect(await problemOf(() => writeTrace('x.arrow.gz', EXAMPLE))).toMatch(
      /not written as gzip; leave out .gz/,
    );
  });

  test('its folder is a file', async () => {
    await writeTrace(join(folder, 'new/folder/file.csv'), EXAMPLE);
    expect(await problemOf(() => writeTrace(join(folder, 'new/folder/file.csv/no.csv'), EXAMPLE))).toMatch(
      /a part of the path is not a folder/,
    );
  });

  test('its gzip ends early or is broken', async () => {
    const packed = gzipSync(formatTraceCsv(EXAMPLE));
    const cut = join(folder, 'cut.csv.gz');
    await writeFile(cut, packed.subarray(0, packed.length - 12));
    expect(await problemOf(() => readTrace(cut))).toBe(
      '/cut.csv.gz: the gzip file ends early; copy or download it again',
    );
    const broken = join(folder, 'broken.csv.gz');
    await writeFile(broken, Buffer.concat([packed.subarray(0, 12), Buffer.alloc(20, 7)]));
    expect(await problemOf(() => readTrace(broken))).toMatch(/the gzip file is broken/);
  });

  test('it is not text', async () => {
    const path = join(folder, 'binary.csv');
    await writeFile(path, Buffer.of(0x61, 0xff, 0xfe));
    expect(await problemOf(() => readTrace(path))).toBe(
      '/binary.csv: the file is not UTF-8 text; convert it to UTF-8',
    );
  });
});

describe('the data of others', () => {
  test('in a file that is no text are refused with what to write instead', async () => {
    const path = join(folder, 'log.parquet');
    await writeFile(path, Buffer.of(0x50, 0x41, 0x52, 0x31, 0xff));
    expect(await problemOf(() => importTraceFile('table', path))).toBe(
      '/log.parquet: the file is not UTF-8 text; write it as text, such as CSV, plain or packed with gzip',
    );
  });

  test('are imported from plain and packed files', async () => {
    const path = join(folder, 'counts.txt.gz');
    await writeFile(path, gzipSync('2 0 1'));
    const trace = await importTraceFile('counts', path, { tenant: 'web' });
    expect([...trace.arrivalUs]).toEqual([250_000, 750_000, 2_500_000]);
    expect(trace.source).toBe('counts per 1 s (counts.txt.gz)');
  });
});

describe('a trace as Parquet', () => {
  test('comes back as it was, whatever is in it', async () => {
    const comesBack = async (trace: typeof EXAMPLE) =>
      void expect(await traceFromParquet(traceToParquet(trace))).toEqual(trace);
    await fc.assert(fc.asyncProperty(anyTrace, comesBack));
  });

  test('may come from another writer: other integers, missing values, many row groups, an index', async () => {
    const bytes = new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: '__index_level_0__', data: [1n, 2n, 3n], type: 'INT64' },
          { name: 'batch_size', data: [null, 2, 4], type: 'INT32' },
          { name: 'tenant', data: ['a', 'b', 'a'], type: 'STRING' },
          { name: 'arrival_us', data: [0, 1500, 1500], type: 'DOUBLE' },
        ],
        rowGroupSize: 1,
        codec: 'UNCOMPRESSED',
      }),
    );
    const trace = await traceFromParquet(bytes);
    expect([...trace.arrivalUs]).toEqual([0, 1500, 1500]);
    expect([...(trace.batchSize ?? [])]).toEqual([0, 2, 4]);
    expect(trace.tenants).toEqual(['a', 'b']);
  });

  test.each([
    ['text for a number', { name: 'arrival_us', data: ['1'], type: 'STRING' as const }],
    ['a fraction', { name: 'arrival_us', data: [0.5], type: 'DOUBLE' as const }],
    ['a missing arrival', { name: 'arrival_us', data: [null], type: 'INT32' as const }],
    ['no arrival', { name: 'tenant', data: ['a'], type: 'STRING' as const }],
    ['an unknown column', { name: 'batch', data: [1], type: 'INT32' as const }],
  ])('is refused with %s', async (_, column) => {
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData: [column] }));
    expect(await problemOf(() => traceFromParquet(bytes, { file: 't.parquet' }))).toMatch(/^t.parquet: /);
  });
});

test('a gzip trace is one that other tools unpack', async () => {
  const path = join(folder, 'tools.csv.gz');
  await writeTrace(path, EXAMPLE);
  expect(gunzipSync(await readFile(path)).toString()).toBe(formatTraceCsv(EXAMPLE));
});
