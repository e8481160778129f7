import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { disturbanceOf, runLive } from '../../src/live/run-live.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import { config, poisson, profile, scenario, server, tenant } from '../support/scenario.js';
import { describeLive, startTriton, type TestTriton } from './support/triton.js';

const DURATION_S = 4;
const MODEL = 'waiting';
const RATE_PER_S = 100;

/** A process that nobody asked for and that never rests. */
function busyProcess(): void {
  const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
}

it('a run is not said to be disturbed where little else worked, or nothing tells', () => {
  expect(disturbanceOf({})).toEqual([]);
  expect(disturbanceOf({ otherCores: 0.1 })).toEqual([]);
});

describeLive('what else works on the machine of a server', () => {
  let triton: TestTriton;

  beforeAll(async () => {
    triton = await startTriton({
      models: [{ kind: 'sleeping', name: MODEL, fixedUs: 2000, itemUs: 100, maxBatchSize: 1 }],
    });
  }, 120_000);

  afterAll(() => triton?.stop({ graceMs: 3000 }));

  it('is told of a live run, apart from what the server and the load generator take', async () => {
    const client = connectTriton({ url: triton.url });
    onTestFinished(() => client.close());
    const host = server('s', { models: [{ config: config(MODEL, 1), profile: profile(MODEL, 2.1, 0.1) }] });
    const load = poisson(MODEL, RATE_PER_S, RATE_PER_S * DURATION_S);
    const played = scenario([host], [tenant('people', MODEL, load)], DURATION_S);
    busyProcess();
    const run = await runLive(played, { servers: [{ client }] });
    expect(run.otherCores).toBeGreaterThan(0.5);
    expect(disturbanceOf(run)).toEqual([
      expect.stringMatching(/^something else kept \d\.\d of this machine's cores busy/),
    ]);
  }, 60_000);
});
