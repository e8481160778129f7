import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { driftCommand } from '../../../src/cli/commands/profile/drift.js';
import { trafficImporters } from '../../../src/cli/commands/profile/import-traffic.js';
import { serializeProfile } from '../../../src/profile/parse.js';
import type { ModelProfile } from '../../../src/profile/profile.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { runCommand } from '../../cli/in-process.js';
import { config, poisson, profile, scenario, server, tenant } from '../../support/scenario.js';
import { countersOf, pageOf } from '../traffic/counters-of.js';
import { tritonTraceOf } from '../traffic/trace-of.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-drift-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  process.exitCode = 0;
});

const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const drift = async (...words: string[]) => {
  const outcome = await runCommand(driftCommand as never, ['drift', ...words]);
  return { ...outcome, exitCode: process.exitCode ?? 0 };
};

const spread = { law: 'lognormal', cv: 0.05 } as const;
const stored = profile('m', 2, 0.5, { spread });
const storedFile = file('m.profile.json', serializeProfile(stored));

function runOf(served: ModelProfile) {
  return scenario(
    [server('s', { models: [{ config: config('m', 8, {}), profile: served }] })],
    [tenant('t', 'm', poisson('drift', 300, 3000))],
    11,
  );
}
const traceFile = (name: string, served: ModelProfile) => {
  const run = runOf(served);
  return file(name, tritonTraceOf(simulate(run).log, run));
};

describe('perseus profile drift', () => {
  it('finds a trace of the same model within, with exit code 0', async () => {
    const { stdout, exitCode } = await drift(storedFile, '--trace', traceFile('same.json', stored));
    expect(stdout).toContain('m is as stored, within 5 %');
    expect(exitCode).toBe(0);
  });

  it('finds a slower model drifted, with exit code 1', async () => {
    const slower = traceFile('slower.json', profile('m', 2.6, 0.5, { spread }));
    const { stdout, exitCode } = await drift(storedFile, '--trace', slower, '--json');
    expect(exitCode).toBe(1);
    const { drifted, models } = JSON.parse(stdout);
    expect(drifted).toBe(true);
    expect(models[0].points[0]).toMatchObject({ batchSize: 1, verdict: 'drifted' });
    expect(models[0].points[0].changePercent).toBeCloseTo(24, -1);
  });

  it('takes pages of metrics and a newer profile as well', async () => {
    const { log } = simulate(runOf(stored));
    const pages = [0, 2, 4, 6, 8].map((second) =>
      file(`${second}.txt`, pageOf(countersOf(log, second * 1e6), 'm')),
    );
    const fromPages = await drift(storedFile, '--metrics', ...pages, '--tolerance', '10');
    expect(fromPages.stdout).toContain('m@Test GPU: service time, stored and observed');
    expect(fromPages.exitCode).toBe(0);
    const newer = file('newer.profile.json', serializeProfile(profile('m', 2, 0.5, { spread })));
    expect((await drift(storedFile, newer)).stdout).toContain('too few executions');
  });

  it('says of two scrapes that there are too few of them, however much was executed', async () => {
    const { log } = simulate(runOf(profile('m', 2.6, 0.5, { spread })));
    const pages = [0, 10].map((second) =>
      file(`end-${second}.txt`, pageOf(countersOf(log, second * 1e6), 'm')),
    );
    const { stdout, exitCode } = await drift(storedFile, '--metrics', ...pages);
    expect(stdout).toMatch(/m: too few executions, or of counters too few scrapes, to tell/);
    expect(exitCode).toBe(0);
  });

  it('tells what is missing: a source, a profile of the model, a sensible tolerance', async () => {
    const trace = traceFile('again.json', stored);
    expect(await drift(storedFile)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('give one of --trace FILE'),
    });
    expect((await drift(storedFile, '--trace', trace, '--metrics', trace)).stderr).toContain(
      'several sources',
    );
    expect((await drift(storedFile, '--trace', trace, '--tolerance', '-1')).stderr).toContain(
      '--tolerance: -1 is out of range',
    );
    const other = file('other.profile.json', serializeProfile(profile('other', 1, 1)));
    expect((await drift(other, '--trace', trace)).stderr).toMatch(/observed: m; stored: other/);
    expect((await drift(storedFile, '--trace', join(folder, 'none.json'))).stderr).toContain('no such file');
    const rate = await drift(storedFile, '--trace', trace, '--trace-rate', '0.5', '--request-batch', '0');
    expect(rate.stderr.split('\n').filter((line) => line.startsWith('--'))).toHaveLength(2);
  });

  it('refuses what says how another source was recorded, and more inferences than a request holds', async () => {
    const trace = traceFile('others.json', stored);
    for (const [words, said] of [
      [['--trace', trace, '--interval', '1s'], '--interval: is of no use without --metrics'],
      [[storedFile, '--trace-rate', '2'], '--trace-rate: is of no use without --trace'],
      [[storedFile, '--config', 'nowhere'], '--config: is of no use between two profiles'],
      [['--trace', trace, '--config'], '--config: has no value'],
      [['--trace', trace, '--request-batch', '1e15'], '--request-batch: 1000000000000000 is out of range'],
    ] as const)
      expect(await drift(storedFile, ...words)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(said),
      });
  });
});

describe('importers of traffic', () => {
  it('make profiles of a trace with the configuration of its models', async () => {
    const pbtxt = file(
      'config.pbtxt',
      'name: "m" backend: "python" max_batch_size: 8 input { name: "x" data_type: TYPE_FP32 dims: [ 4 ] } output { name: "y" data_type: TYPE_INT8 dims: [ 2, 3 ] } dynamic_batching { }',
    );
    const trace = traceFile('import.json', stored);
    const [importer] = trafficImporters;
    const [fit] = await importer!.run([trace], { device: 'CPU', config: { files: [pbtxt] } });
    expect(fit!.profile).toMatchObject({
      device: 'CPU',
      payload: { requestBytes: 16, responseBytes: 6 },
      provenance: { backend: 'python', source: 'own production traffic: import.json' },
    });
    await expect(importer!.run([trace], {})).rejects.toThrow(/--device: is missing/);
  });
});
