import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { keepRun, keptRun } from '../../scripts/live/kept-runs.js';
import type { LiveRun } from '../../src/live/run-live.js';
import { simulate } from '../../src/simulator/simulate.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

it('a live run that was kept is as it was, with what came of the requests that it left unfinished', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'perseus-kept-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const host = server('s', { models: [{ config: config('m', 1), profile: profile('m', 2, 0) }] });
  const { log } = simulate(scenario([host], [tenant('t', 'm', arrivals([0, 1000]))], 1));
  const answers = { endedUs: Float64Array.of(2000, Number.NaN), outcome: Uint8Array.of(0, 3) };
  const run = {
    log,
    answers,
    statistics: [],
    endReason: 'duration',
    remark: '',
  } as Partial<LiveRun> as LiveRun;
  expect(await keptRun(folder, 'run')).toBeUndefined();
  await keepRun(folder, 'run', run);
  expect((await keptRun(folder, 'run'))?.answers).toEqual(answers);
});
