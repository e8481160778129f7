import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RepositoryModel } from '../../../scripts/triton/repository-model.js';
import { FAULT_MODELS, faultFolder, keptPoints } from '../support/fault-models.js';
import { startPerseus } from '../support/perseus-process.js';
import { describeLive, startTriton, type TestTriton } from '../support/triton.js';

/** Calibrations at one time refuse a model that another one uses. */
const OWN = ['interrupted', 'early_SIGINT', 'early_SIGHUP', 'killed'] as const;

function steadyModel(name: string): RepositoryModel {
  return { ...FAULT_MODELS.find((each) => each.name === 'steady')!, name };
}

describeLive('perseus that is stopped in the middle', () => {
  const { path, scenario, remove } = faultFolder();
  let triton: TestTriton;

  beforeAll(async () => {
    triton = await startTriton({ models: [...FAULT_MODELS, ...OWN.map(steadyModel)] });
  }, 120_000);

  afterAll(async () => {
    await triton?.stop({ graceMs: 3000 });
    remove();
  });

  /** Of a model of its own, into a folder of its name. */
  const calibrate = (model: (typeof OWN)[number]) =>
    startPerseus([
      ...['calibrate', '--url', triton.url, '--models', model, '--max-batch', '2', '--budget', '1s'],
      ...['--out', path(model)],
    ]);

  /** The same command measures what is missing and leaves alone what is kept. */
  async function expectResumed(out: (typeof OWN)[number], kept: ReadonlyMap<string, string>): Promise<void> {
    expect([...kept.keys()]).toContain(`${out}~sequential-1.json`);
    const { code, stderr } = await calibrate(out).ended;
    expect(code).toBe(0);
    expect(stderr).not.toContain(`${out}/sequential-1 `);
    const points = keptPoints(path(out));
    for (const [name, text] of kept) expect(points.get(name)).toBe(text);
    expect([...points.keys()]).toContain(`${out}~saturated-2.json`);
  }

  it.concurrent('by Ctrl-C keeps the points of a calibration and fits what there is; the same command goes on', async () => {
    const stopped = calibrate('interrupted');
    await stopped.says(/ interrupted\/saturated-2 /);
    stopped.kill('SIGINT');
    const { code, stdout, stderr } = await stopped.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('interrupted; the same command goes on from here');
    expect(stdout).toMatch(/^interrupted\n/);
    expect(stdout).toMatch(/^uncertain: all of it: interrupted, /m);
    expect(readFileSync(path('interrupted/fit.json'), 'utf8')).toContain('all of it: interrupted');
    const kept = keptPoints(path('interrupted'));
    await expectResumed('interrupted', kept);
  });

  it.concurrent.each([
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)(
    'by %s before anything is measured ends a calibration in order too, with %i',
    async (signal, exitCode) => {
      const stopped = calibrate(`early_${signal}`);
      await stopped.says(/ early_SIG[A-Z]+\/sequential-1 /);
      stopped.kill(signal);
      const { code, stderr } = await stopped.ended;
      expect({ code, stderr }).toMatchObject({
        code: exitCode,
        stderr: expect.not.stringMatching(/this is a bug/),
      });
      expect(stderr).toContain('interrupted');
      expect(existsSync(path(`early_${signal}/early_${signal}.profile.json`))).toBe(false);
    },
  );

  it.concurrent('by kill -9 costs a calibration the point that was being measured and no other', async () => {
    const killed = calibrate('killed');
    await killed.says(/ killed\/saturated-2 /);
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
