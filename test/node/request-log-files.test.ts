import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Table, tableFromIPC } from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, expect, it, vi } from 'vitest';
import { readRequestLog, writeRequestLog } from '../../src/node/runs/request-log-files.js';
import { simulate } from '../../src/simulator/simulate.js';
import { requestLogToArrow } from '../support/log-files.js';
import { SHAPE_NAMES, SHAPES } from '../support/request-shapes.js';
import { config, poisson, profile, scenario, server, tenant } from '../support/scenario.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a log of any length is written as CSV, no text ever holding all of it', async () => {
  const served = server('s', { models: [{ config: config('m', 8, {}), profile: profile('m', 0.1, 0.1) }] });
  const { log } = simulate(scenario([served], [tenant('t', 'm', poisson('t', 1000, 25_000))], 30));
  const joined = vi.spyOn(Array.prototype, 'join');
  const file = join(folder, 'log.csv');
  await writeRequestLog(file, log);
  const longest = joined.mock.results.reduce((most, { value }) => Math.max(most, String(value).length), 0);
  joined.mockRestore();
  const text = readFileSync(file, 'utf8');
  expect(longest).toBeLessThan(text.length / 2);
  const lines = text.split('\n');
  expect(lines).toHaveLength(25_002);
  expect(lines[0]).toMatch(/^request,tenant,server,batch_size,planned_us/);
  const planned = lines.slice(1, -1).map((line) => Number(line.split(',')[4]));
  expect(planned).toEqual([...log.plannedUs]);
});

it('a log as CSV has no name that a spreadsheet would run as a formula', async () => {
  const served = server('@s', { models: [{ config: config('m', 8, {}), profile: profile('m', 0.1, 0.1) }] });
  const { log } = simulate(scenario([served], [tenant('=1+1', 'm', poisson('t', 1000, 100))], 1));
  const file = join(folder, 'names.csv');
  await writeRequestLog(file, log);
  const [, first] = readFileSync(file, 'utf8').split('\n');
  expect(first).toMatch(/^0,'=1\+1,'@s,1,/);
});

it.each(SHAPE_NAMES)('a log with requests of %s is written into two files and read back', async (shape) => {
  const log = SHAPES[shape](20);
  const file = join(folder, 'shapes.arrow');
  expect(await writeRequestLog(file, log)).toEqual([file, join(folder, 'shapes.calls.arrow')]);
  expect(await readRequestLog(file)).toEqual(log);
});

it('a log as Parquet holds what it holds as Arrow', async () => {
  const log = SHAPES['two executions'](20);
  const [requests, calls] = await writeRequestLog(join(folder, 'log.parquet'), log);
  const rowsOf = async (file: string) => parquetReadObjects({ file: exactBuffer(readFileSync(file)) });
  const ofArrow = (table: Table) => table.toArray().map((row) => ({ ...row.toJSON() }));
  const { requests: arrowRequests, calls: arrowCalls } = requestLogToArrow(log);
  expect(await rowsOf(requests)).toEqual(ofArrow(tableFromIPC(arrowRequests)));
  expect(await rowsOf(calls)).toEqual(ofArrow(tableFromIPC(arrowCalls)));
});

it('every column is described, with its type and unit, in the page for those who read logs by program', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/library.md'), 'utf8');
  const described = page
    .split('| table of calls |')
    .map((half) => half.split('\n').filter((line) => line.startsWith('| `')));
  const { requests, calls } = requestLogToArrow(SHAPES['two executions'](2));
  [requests, calls].forEach((table, i) => {
    const columns = tableFromIPC(table).schema.fields.map(({ name, type }) => ({
      name,
      type: String(type).toLowerCase(),
    }));
    for (const { name, type } of columns) {
      const line = described[i]!.find((each) => each.split('|')[1]!.includes(`\`${name}\``));
      expect(line?.split('|')[2]?.trim(), name).toBe(type.startsWith('dictionary') ? 'text' : type);
    }
  });
});

it('a log that is not there is a mistake with its place', async () => {
  await expect(readRequestLog(join(folder, 'missing.arrow'))).rejects.toThrow(/there is no such file/);
});

function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
