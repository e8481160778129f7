import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAULT_MODELS, faultFolder, keptPoints, outcomesIn } from '../support/fault-models.js';
import { type Ended, expectOneError, startPerseus } from '../support/perseus-process.js';
import { describeLive, startTriton, type TestTriton } from '../support/triton.js';

const FIRST = 'steady~sequential-1.json';

/** A server is killed once, under all three commands at a time: what each makes of it is tested below. */
describeLive('a server that is killed in the middle of a run', () => {
  const { path, scenario, remove } = faultFolder();
  const calibrateWords = (url: string) => [
    ...['calibrate', '--url', url, '--models', 'steady', '--max-batch', '2', '--budget', '1s'],
    ...['--out', path('calibration')],
  ];
  let first: TestTriton;
  let ended: Record<'calibrate' | 'live' | 'validate', Ended>;
  let kept: Map<string, string>;

  beforeAll(async () => {
    first = await startTriton({ models: FAULT_MODELS });
    const file = scenario('scenario.yaml', { model: 'doomed', ratePerS: 40 });
    const commands = {
      calibrate: startPerseus(calibrateWords(first.url)),
      live: startPerseus(['live', file, '--url', first.url, '--log', path('live.csv')]),
      validate: startPerseus(['validate', file, '--url', first.url, '--html', path('validation.html')]),
    };
    await Promise.all([
      commands.calibrate.says(/ steady\/saturated-2 /),
      commands.live.says(/live run 1: 2 of/),
      commands.validate.says(/live run 1: 2 of/),
    ]);
    process.kill(first.pid, 'SIGKILL');
    ended = {
      calibrate: await commands.calibrate.ended,
      live: await commands.live.ended,
      validate: await commands.validate.ended,
    };
    kept = keptPoints(path('calibration'));
  }, 120_000);

  afterAll(async () => {
    await first?.stop({ graceMs: 0 });
    remove();
  });

  it('ends a calibration with one error, which says that what was measured is kept', () => {
    expectOneError(ended.calibrate, /the server is gone|nobody answers|failed: /);
    expect(ended.calibrate.stderr).toContain(`is kept in ${path('calibration')}`);
    expect([...kept.keys()]).toContain(FIRST);
    expect(kept.size).toBeLessThan(5);
  });

  it('ends a live run with one error; every request until then is in the log, and the summary is printed', () => {
    expectOneError(ended.live, /the server is gone: stopped after [\d.]+ s; \d+ requests failed/);
    const outcomes = outcomesIn(path('live.csv'));
    expect(outcomes.filter((each) => each === 'completed').length).toBeGreaterThan(40);
    expect(outcomes).toContain('failed');
    expect(ended.live.stdout).toMatch(/^people: \d+ of \d+ completed, \d+ failed/);
  });

  it('ends a validation with one error; a run that was cut off is not compared', () => {
    expectOneError(ended.validate, /the server is gone/);
    expect(ended.validate.stdout).toBe('');
    expect(existsSync(path('validation.html'))).toBe(false);
    expect(existsSync(path('profiles/validations.jsonl'))).toBe(false);
  });

  it('costs a calibration nothing but the point that was being measured: started again, it goes on', async () => {
    await first.stop({ graceMs: 0 });
    const second = await startTriton({ models: FAULT_MODELS });
    try {
      const resumed = await startPerseus(calibrateWords(second.url)).ended;
      expect(resumed.code).toBe(0);
      expect(resumed.stderr).toContain('steady/saturated-2');
      expect(resumed.stderr).not.toContain('steady/sequential-1 ');
      const points = keptPoints(path('calibration'));
      for (const [name, text] of kept) expect(points.get(name)).toBe(text);
      expect(points.size).toBeGreaterThan(kept.size);
      expect(existsSync(path('calibration/steady.profile.json'))).toBe(true);
    } finally {
      await second.stop({ graceMs: 3000 });
    }
  });
});
