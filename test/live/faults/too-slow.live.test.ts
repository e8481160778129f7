import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAULT_MODELS, faultFolder } from '../support/fault-models.js';
import { type PerseusProcess, runPerseus, startPerseus } from '../support/perseus-process.js';
import { describeLive, startTriton, type TestTriton } from '../support/triton.js';

/** Lets a process run in short turns only, as a machine does that has other things to do. */
async function starve(victim: PerseusProcess, until: Promise<unknown>): Promise<void> {
  let isOver = false;
  void until.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    victim.kill('SIGSTOP');
    await sleep(180);
    victim.kill('SIGCONT');
    await sleep(20);
  }
}

describeLive('what is too slow', () => {
  const { path, scenario, remove } = faultFolder();
  let triton: TestTriton;

  beforeAll(async () => {
    triton = await startTriton({ models: FAULT_MODELS });
  }, 120_000);

  afterAll(async () => {
    await triton?.stop({ graceMs: 3000 });
    remove();
  });

  it('is the server: a live run says that it does not keep up with the load, and is a result all the same', async () => {
    // It answers 50 requests a second at most.
    const file = scenario('overload.yaml', { model: 'slow', ratePerS: 150, durationS: 3 });
    const { code, stdout, stderr } = await runPerseus(
      'live',
      file,
      '--url',
      triton.url,
      '--log',
      path('o.csv'),
    );
    expect(stderr).toMatch(/^people is overloaded: .*piled up/m);
    expect(stderr).toContain(`wrote ${path('o.csv')}`);
    expect(stdout).toMatch(/^people: \d+ of \d+ completed, \d+ in flight at end/);
    expect(code).toBe(0);
  });

  it('is the load generator: a live run says that its latencies show it, not the server', async () => {
    const file = scenario('lag.yaml', { model: 'steady', ratePerS: 100, durationS: 4 });
    const live = startPerseus(['live', file, '--url', triton.url]);
    await live.says(/live run 1: \d of/);
    await starve(live, live.ended);
    const { stderr } = await live.ended;
    expect(stderr).toMatch(
      /the load generator fell behind its schedule .*; lower the rate, or use more threads/,
    );
  });

  it('is the load generator: a calibration refuses such a point and says which', async () => {
    const words = ['calibrate', '--url', triton.url, '--models', 'slow', '--out', path('calibration')];
    expect((await runPerseus(...words, '--budget', '1s')).code).toBe(0);
    // What is left for the time are four points under open loops, each of which needs 2 s to be worth it.
    const calibrate = startPerseus([...words, '--budget', '9s']);
    await calibrate.says(/ slow\/poisson-60 /);
    await starve(calibrate, calibrate.saysOrEnds(/ slow\/poisson-60 .*\n.* slow\//));
    calibrate.kill('SIGINT');
    const { stdout } = await calibrate.ended;
    expect(stdout).toContain('not measured: slow/poisson-60 (the load generator fell behind 3 times)');
  });
});
