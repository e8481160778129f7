import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { writeRequestLog } from '../../src/node/runs/request-log-files.js';
import { simulate } from '../../src/simulator/simulate.js';
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
  expect(lines[0]).toMatch(/^tenant,server,batch_size,planned_us/);
  const planned = lines.slice(1, -1).map((line) => Number(line.split(',')[3]));
  expect(planned).toEqual([...log.plannedUs]);
});

it('a log as CSV has no name that a spreadsheet would run as a formula', async () => {
  const served = server('@s', { models: [{ config: config('m', 8, {}), profile: profile('m', 0.1, 0.1) }] });
  const { log } = simulate(scenario([served], [tenant('=1+1', 'm', poisson('t', 1000, 100))], 1));
  const file = join(folder, 'names.csv');
  await writeRequestLog(file, log);
  const [, first] = readFileSync(file, 'utf8').split('\n');
  expect(first).toMatch(/^'=1\+1,'@s,1,/);
});
