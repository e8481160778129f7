import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAULT_MODELS, faultFolder, keptPoints, outcomesIn } from '../support/fault-models.js';
import { type Ended, expectOneError, runPerseus, startPerseus } from '../support/perseus-process.js';
import { describeLive, startTriton, type TestTriton } from '../support/triton.js';

/** The processes of two models are killed once, under all three commands at a time. */
describeLive('a model whose process dies while the server goes on', () => {
  const { path, scenario, remove } = faultFolder();
  let triton: TestTriton;
  let ended: Record<'calibrate' | 'live' | 'validate', Ended>;
  let healthy: Ended;

  beforeAll(async () => {
    triton = await startTriton({ models: FAULT_MODELS });
    // Long enough for the calibration to come to the point that is waited for.
    const file = scenario('scenario.yaml', { model: 'doomed', ratePerS: 40, durationS: 15 });
    const calibrate = startPerseus([
      ...['calibrate', '--url', triton.url, '--models', 'slow', '--budget', '1s'],
      ...['--out', path('calibration')],
    ]);
    const live = startPerseus(['live', file, '--url', triton.url, '--log', path('live.csv')]);
    const validate = startPerseus(['validate', file, '--url', triton.url, '--runs', '2']);
    await Promise.all([
      calibrate.says(/ slow\/saturated-1 /),
      live.says(/live run 1: [1-9]/),
      validate.says(/live run 1: [1-9]/),
    ]);
    for (const model of ['doomed', 'slow']) expect(triton.killStub(model)).toHaveLength(1);
    ended = { calibrate: await calibrate.ended, live: await live.ended, validate: await validate.ended };
    const other = scenario('other.yaml', { model: 'steady', durationS: 2 });
    healthy = await runPerseus('live', other, '--url', triton.url);
  }, 120_000);

  afterAll(async () => {
    await triton?.stop({ graceMs: 0 });
    remove();
  });

  const CAUSE = /"(?:doomed|slow)" failed: .*(stub process|not healthy|not ready)/i;

  it('ends a calibration with one error; the points before are kept', () => {
    expectOneError(ended.calibrate, CAUSE);
    expect(ended.calibrate.stderr).toContain(`is kept in ${path('calibration')}`);
    expect([...keptPoints(path('calibration')).keys()]).toContain('slow~sequential-1.json');
  });

  it('is an error of a live run, whose log and summary count what failed', () => {
    expectOneError(ended.live, CAUSE);
    expect(outcomesIn(path('live.csv'))).toContain('failed');
    expect(ended.live.stdout).toMatch(/^people: \d+ of \d+ completed, \d+ failed/);
  });

  it('is an error of a validation, which plays no further runs', () => {
    expectOneError(ended.validate, CAUSE);
    expect(ended.validate.stderr).not.toContain('live run 2');
  });

  it('does not touch the other models', () => {
    expect(healthy.code).toBe(0);
    expect(healthy.stdout).toMatch(
      /^people: (\d+) of \1 completed|^people: \d+ of \d+ completed, \d+ in flight/,
    );
  });
});
