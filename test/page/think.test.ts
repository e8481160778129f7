import { describe, expect, it } from 'vitest';
import type { CauseCode } from '../../src/metrics/shown-causes.js';
import { type CarriedScenario, resourcesOf, type ScenarioData } from '../../src/page/carried.js';
import { remedyOf } from '../../src/page/edit/what-if.js';
import { executionsFrom } from '../../src/page/executions.js';
import { type Job, type JobResults, runJob } from '../../src/page/jobs.js';
import type { PageAnswer } from '../../src/page/page-answer.js';
import { checkSpec, simulateCarried } from '../../src/page/simulate-carried.js';
import type { ScenarioSpec } from '../../src/scenario/spec.js';
import { simulate } from '../../src/simulator/simulate.js';
import { shipped, specIn } from './shipped.js';

const two = await shipped('two-tenants', 2);
const small = await shipped('bursty', 0.5);

function run<Kind extends Job['kind']>(
  job: Job & { readonly kind: Kind },
  carried: CarriedScenario,
): { readonly result: JobResults[Kind]; readonly steps: readonly string[] } {
  const steps: string[] = [];
  const setting = {
    spec: carried.spec,
    resources: resourcesOf(carried),
    version: '0',
    onStep: (step: string) => steps.push(step),
  };
  return { result: runJob(job, setting) as JobResults[Kind], steps };
}

describe('a job of the page', () => {
  it('compares with a pinned run request by request, and tells what was changed', () => {
    const servers = specIn(two).servers.map((server) => ({ ...server, cpuCores: 8 }));
    const { result } = run({ kind: 'diff', before: two }, { ...two, spec: { ...two.spec, servers } });
    expect(result.metrics.every(({ basis }) => basis === 'requests')).toBe(true);
    expect(result.metrics.find(({ metric }) => metric === 'mean latency')).toMatchObject({
      verdict: 'better',
    });
    expect(result.behind).toEqual([
      expect.objectContaining({ path: expect.stringMatching(/cpuCores$/), b: 8 }),
    ]);
  });

  it('explains a tenant and says what it does meanwhile', () => {
    const { result, steps } = run({ kind: 'explain', tenant: 'steady' }, small);
    expect(result.explanation.tenant).toBe('steady');
    expect(steps[0]).toBe('as it is');
    expect(steps.length).toBeGreaterThan(3);
  });

  it('says what is left open by what is not known of the profiles, around what the run gave', () => {
    const before = simulateCarried(two.spec, resourcesOf(two), { version: '0' }) as PageAnswer;
    const { tenants, devices } = before.report.summary;
    const { result, steps } = run({ kind: 'doubt', usual: before.report.summary }, two);
    expect(steps).toEqual(['all profiles as fast as may be', 'all profiles as slow as may be']);
    expect(result.models.some(({ error }) => (error?.factor ?? 1) > 1)).toBe(true);
    for (const [t, { meanMs }] of result.tenants.entries()) {
      expect(meanMs.low).toBeLessThan(tenants[t]!.latencyMs.mean.value);
      expect(meanMs.high ?? Number.POSITIVE_INFINITY).toBeGreaterThan(tenants[t]!.latencyMs.mean.value);
    }
    for (const [d, { low, high }] of result.devices.entries()) {
      expect(low).toBeLessThan(devices[d]!.busyShare);
      expect(high).toBeGreaterThanOrEqual(devices[d]!.busyShare);
    }
  });

  it('looks how far the load may grow', () => {
    const { result, steps } = run({ kind: 'headroom' }, small);
    expect(steps[0]).toBe('1 times the load');
    expect(result.points.length).toBe(steps.length);
  });
});

it('the executions of a run are told from a time on, each once, as many as were asked for', () => {
  const { result } = run({ kind: 'executions', fromUs: 500_000 }, two);
  const { executions, untilUs, endUs } = result;
  expect(untilUs).toBe(endUs);
  expect(executions.length).toBeGreaterThan(10);
  const starts = executions.map(({ startUs }) => startUs);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  expect(executions.every((one) => one.startUs + one.inputUs + one.inferUs + one.outputUs >= 500_000)).toBe(
    true,
  );
  expect(new Set(executions.map(({ lane, startUs }) => `${lane} ${startUs}`)).size).toBe(executions.length);
  expect(executions.every(({ batch }) => batch >= 1 && batch <= 8)).toBe(true);
  const { log } = simulate(checkSpec(specIn(two), resourcesOf(two)).scenario);
  expect(executionsFrom(log, 0, 5)).toMatchObject({ executions: { length: 5 }, fromUs: 0 });
  expect(executionsFrom(log, 0, 5).untilUs).toBeLessThan(endUs);
});

it('a time of a run becomes a trace that Perfetto opens', () => {
  const { result } = run({ kind: 'perfetto', window: { fromS: 0.5, toS: 0.8 } }, two);
  const { traceEvents } = JSON.parse(result) as { traceEvents: { ph: string; name: string }[] };
  expect(
    traceEvents.filter(({ ph, name }) => ph === 'X' && /^resnet50 × \d/.test(name)).length,
  ).toBeGreaterThan(0);
});

describe('the button of a cause', () => {
  const blamed = (code: CauseCode, carried: CarriedScenario = two, model?: string) =>
    remedyOf(
      { code, ...(model !== undefined && { model }) },
      specIn(carried).tenants[0]!.name,
      specIn(carried),
    );

  it.each<[CauseCode, RegExp, (spec: ScenarioSpec) => unknown, unknown]>([
    ['own-load', /an instance of resnet50/, (spec) => configOf(spec).instance_group?.[0]?.count, 2],
    [
      'batching-delay',
      /without delay/,
      (spec) => configOf(spec).dynamic_batching?.max_queue_delay_microseconds,
      0,
    ],
    [
      'early-commitment',
      /late/,
      (spec) => configOf(spec).dynamic_batching?.default_queue_policy?.max_queue_size,
      1e9,
    ],
    ['co-runners', /other tenants/, ({ tenants }) => tenants.length, 1],
    ['host-cpu', /cores/, ({ servers }) => servers[0]!.cpuCores, 7.8],
    ['front-end', /threads/, ({ servers }) => servers[0]!.triton.frontEndThreads, 384],
    ['client-cap', /cap/, ({ tenants }) => tenants[0]!.load.maxInFlight, undefined],
  ])('changes what %s is of, and the scenario is still one', (code, label, read, wanted) => {
    const remedy = blamed(code)!;
    expect(remedy.label).toMatch(label);
    expect(read(remedy.spec)).toBe(wanted);
    expect(() => checkSpec(remedy.spec, resourcesOf(two))).not.toThrow();
  });

  it('is not there where nothing in the scenario takes the cause away', () => {
    expect(blamed('compute')).toBeUndefined();
    expect(blamed('network')).toBeUndefined();
    expect(blamed('co-runners', { ...two, spec: oneTenant(two.spec) })).toBeUndefined();
  });

  it('is of the model that is to blame where that is another than the one asked', () => {
    const [, second] = specIn(two).servers[0]!.models;
    expect(blamed('limiting-step', two, second!.name)!.label).toContain(second!.name);
  });
});

function configOf({ servers }: ScenarioSpec) {
  const { config } = servers[0]!.models[0]!;
  if (typeof config === 'string') throw new Error('not inline');
  return config;
}

function oneTenant(spec: ScenarioData): ScenarioData {
  return { ...spec, tenants: (spec as unknown as ScenarioSpec).tenants.slice(0, 1) };
}
