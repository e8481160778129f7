import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAULT_MODELS, faultFolder, keptPoints } from '../support/fault-models.js';
import { startPerseus } from '../support/perseus-process.js';
import { describeLive, startTriton, type TestTriton } from '../support/triton.js';

describeLive('perseus that is stopped in the middle', () => {
  const { path, scenario, remove } = faultFolder();
  let triton: TestTriton;

  beforeAll(async () => {
    triton = await startTriton({ models: FAULT_MODELS });
  }, 120_000);

  afterAll(async () => {
    await triton?.stop({ graceMs: 3000 });
    remove();
  });

  const calibrate = (out: string) =>
    startPerseus([
      ...['calibrate', '--url', triton.url, '--models', 'steady', '--max-batch', '2', '--budget', '1s'],
      ...['--out', path(out)],
    ]);

  /** The same command measures what is missing and leaves alone what is kept. */
  async function expectResumed(out: string, kept: ReadonlyMap<string, string>): Promise<void> {
    expect([...kept.keys()]).toContain('steady~sequential-1.json');
    const { code, stderr } = await calibrate(out).ended;
    expect(code).toBe(0);
    expect(stderr).not.toContain('steady/sequential-1 ');
    const points = keptPoints(path(out));
    for (const [name, text] of kept) expect(points.get(name)).toBe(text);
    expect([...points.keys()]).toContain('steady~saturated-2.json');
  }

  it.concurrent('by Ctrl-C keeps the points of a calibration and fits what there is; the same command goes on', async () => {
    const stopped = calibrate('interrupted');
    await stopped.says(/ steady\/saturated-2 /);
    stopped.kill('SIGINT');
    const { code, stdout, stderr } = await stopped.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('interrupted; the same command goes on from here');
    expect(stdout).toMatch(/^steady\n/);
    const kept = keptPoints(path('interrupted'));
    await expectResumed('interrupted', kept);
  });

  it.concurrent('by Ctrl-C before anything is measured ends a calibration in order too', async () => {
    const stopped = calibrate('early');
    await stopped.says(/ steady\/sequential-1 /);
    stopped.kill('SIGINT');
    const { code, stderr } = await stopped.ended;
    expect({ code, stderr }).toMatchObject({ code: 130, stderr: expect.not.stringMatching(/this is a bug/) });
    expect(stderr).toContain('interrupted');
    expect(existsSync(path('early/steady.profile.json'))).toBe(false);
  });

  it.concurrent('by kill -9 costs a calibration the point that was being measured and no other', async () => {
    const killed = calibrate('killed');
    await killed.says(/ steady\/saturated-2 /);
    killed.kill('SIGKILL');
    expect((await killed.ended).signal).toBe('SIGKILL');
    const kept = keptPoints(path('killed'));
    await expectResumed('killed', kept);
  });

  it.concurrent('by Ctrl-C writes what a live run has measured, and compares no part of a validation', async () => {
    const file = scenario('scenario.yaml', { model: 'doomed' });
    const live = startPerseus(['live', file, '--url', triton.url, '--log', path('live.csv')]);
    const validate = startPerseus(['validate', file, '--url', triton.url]);
    await Promise.all([live.says(/live run 1: [1-9]/), validate.says(/live run 1: [1-9]/)]);
    live.kill('SIGINT');
    validate.kill('SIGINT');
    const [run, validation] = [await live.ended, await validate.ended];
    expect(run.code).toBe(130);
    expect(run.stderr).toMatch(/^stopped after [\d.]+ s$/m);
    expect(run.stdout).toMatch(/^people: \d+ of \d+ completed/);
    expect(readFileSync(path('live.csv'), 'utf8').split('\n').length).toBeGreaterThan(100);
    expect(validation).toMatchObject({ code: 130, stdout: '' });
    expect(validation.stderr).toContain('there is nothing to compare');
  });
});
