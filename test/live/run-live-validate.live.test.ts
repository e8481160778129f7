import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { simulateCommand } from '../../src/cli/commands/simulate.js';
import { validateCommand } from '../../src/cli/commands/validate.js';
import { runLive } from '../../src/live/run-live.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { serializeProfile, serializeServerProfile, serverProfileOf } from '../../src/profile/parse.js';
import { Outcome } from '../../src/trace/request-log.js';
import { type Outcome as CommandOutcome, runCommand } from '../cli/in-process.js';
import { profile } from '../support/scenario.js';
import { describeLive, startTriton, type TestTriton } from './support/triton.js';

/** The model sleeps 4 + 0.5 b ms. */
const SLEEPER = { fixedUs: 4000, itemUs: 500 } as const;
const RATE_PER_S = 60;
const EVERY_METRIC = ['throughputPerS', 'goodputPerS', 'sloAttainment', 'meanMs', 'p50Ms', 'p95Ms', 'p99Ms'];

/** Three seconds of one tenant on the sleeping model. */
function scenarioText(maxBatchSize = 8): string {
  return `perseus: 1
name: sleeper
durationS: 3
warmUpS: 0.5
profiles: [profiles]
servers:
  - name: triton
    models: [{name: sleeper, config: {max_batch_size: ${maxBatchSize}, dynamic_batching: {}, instance_group: [{kind: KIND_CPU}]}}]
tenants:
  - name: app
    model: sleeper
    load: {process: {kind: poisson, ratePerS: ${RATE_PER_S}}}
    slo: {percentile: 99, limitMs: 50}
`;
}

describeLive('perseus validate and a real Triton', () => {
  const folder = mkdtempSync(join(tmpdir(), 'perseus-validate-'));
  const path = (name: string) => join(folder, name);
  let triton: TestTriton;

  function writeProfile(fixedMs: number): void {
    const parts = { device: 'CPU', serving: SERVING };
    const sleeper = profile('sleeper', fixedMs, 0.5, parts);
    writeFileSync(path('profiles/sleeper.profile.json'), serializeProfile(sleeper));
    writeFileSync(path('profiles/server.json'), serializeServerProfile(serverProfileOf([sleeper])!));
  }

  async function validate(...words: string[]): Promise<CommandOutcome> {
    process.exitCode = 0;
    const outcome = await runCommand(validateCommand as never, ['validate', ...words, '--url', triton.url]);
    return { ...outcome, code: outcome.code === 0 ? Number(process.exitCode) : outcome.code };
  }

  beforeAll(async () => {
    mkdirSync(path('profiles'));
    writeFileSync(path('sleeper.yaml'), scenarioText());
    triton = await startTriton({
      readyWithinMs: 60_000,
      models: [{ kind: 'sleeping', name: 'sleeper', ...SLEEPER, dynamicBatching: {} }],
    });
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await triton?.stop({ graceMs: 3000 });
  });

  afterEach(() => {
    process.exitCode = 0;
  });

  it('prints a point for each figure, writes both curves, keeps the history, and exits with 0', async () => {
    writeProfile(4);
    const lenient = [...EVERY_METRIC, 'batchSharePp'].flatMap((name) => ['--tolerance', `${name}=1000`]);
    const html = path('report.html');
    const { code, stdout, stderr } = await validate(
      ...[path('sleeper.yaml'), '--repeats', '2', '--runs', '5', '--json', '--html', html, ...lenient],
    );
    expect(code, stderr).toBe(0);
    const { points, passed, liveRuns } = JSON.parse(stdout);
    expect({ passed, liveRuns }).toEqual({ passed: true, liveRuns: 2 });
    for (const point of points) {
      expect(Object.keys(point).sort()).toEqual(POINT_FIELDS);
      for (const field of POINT_FIELDS.filter((name) => name !== 'metric' && name !== 'tenant'))
        expect(point[field], `${field} of ${point.metric}`).toBeTypeOf('number');
    }
    const names = points.map(({ metric }: { metric: string }) => metric);
    expect(names).toEqual(expect.arrayContaining([...EVERY_METRIC, ...COMPONENTS]));
    const of = (name: string) => points.find(({ metric }: { metric: string }) => metric === name).measured;
    expect(of('inferMs')).toBeGreaterThan(4.5);
    expect(of('sloAttainment')).toBeGreaterThan(0);
    expect(of('sloAttainment')).toBeLessThanOrEqual(100);
    expect(readFileSync(html, 'utf8').match(/<svg/g)!.length).toBeGreaterThanOrEqual(3);
  });

  it('exits with 1 when the profile says half of what is measured', async () => {
    writeProfile(1);
    const { code, stdout } = await validate(
      ...[path('sleeper.yaml'), '--repeats', '1', '--runs', '2', '--no-record', '-v'],
    );
    expect(code).toBe(1);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/judged figures are out of tolerance: .*mean of app/);
    expect(stdout).toContain('By component, mean of a request');
    expect(readFileSync(path('profiles/validations.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(1);
  });

  it('is quoted by simulate from then on, below the report', async () => {
    const { stdout } = await runCommand(simulateCommand as never, ['simulate', path('sleeper.yaml')]);
    expect(stdout).toMatch(/How far to trust this\nValidated on one scenario against a live server/);
  });

  it('refuses to compare with a server that is configured otherwise, before any load is sent', async () => {
    writeFileSync(path('other.yaml'), scenarioText(4));
    const { code, stderr } = await validate(path('other.yaml'));
    expect(code).toBe(2);
    expect(stderr).toContain('max_batch_size is 8 on the server and 4 in the scenario');
    expect(existsSync(path('profiles/validations.jsonl'))).toBe(true);
  });

  it('a live run counts its own requests alone: neither warm-up nor earlier runs', async () => {
    writeProfile(4);
    const { scenario } = await loadScenario(path('sleeper.yaml'), { durationS: 1, warmUpS: 0 });
    const client = connectTriton({ url: triton.url });
    try {
      const { log, statistics, endReason } = await runLive(scenario, { servers: [{ client }] });
      const completed = log.outcome.filter((outcome) => outcome === Outcome.completed).length;
      expect(['duration', 'exhausted']).toContain(endReason);
      expect(completed).toBe(log.tenant.length);
      expect(statistics.map(({ model }) => model)).toEqual(['sleeper']);
      expect(statistics[0]!.inferenceCount).toBe(completed);
      expect(statistics[0]!.success.count).toBe(completed);
    } finally {
      client.close();
    }
  });
});

const POINT_FIELDS = [
  'errorPercent',
  'high',
  'low',
  'measured',
  'measuredSpread',
  'metric',
  'predicted',
  'tenant',
];
const COMPONENTS = ['networkMs', 'queueMs', 'inputMs', 'inferMs', 'outputMs', 'meanBatch'];

/** Delays of no particular server: figures are compared by shape here, not by accuracy. */
const SERVING = {
  batcherWakeUs: 30,
  instanceWakeUs: 30,
  instancePickUpUs: 20,
  timerSlackUs: 50,
  batcherWinsShare: 0.3,
  requestDelayUs: 100,
  responseDelayUs: 100,
  generatorUs: 100,
};
