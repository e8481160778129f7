import { describe, expect, it } from 'vitest';
import type { Expectation, UnsurePolicy } from '../../src/check/expectations.js';
import type { JudgedRun } from '../../src/check/figures.js';
import { judge } from '../../src/check/judge.js';
import { figureText } from '../../src/check/outcome.js';
import { wrongReferences } from '../../src/check/references.js';
import { resourceUse } from '../../src/check/resource-use.js';

const estimate = (value: number, low = value, high = value) => ({ value, low, high });

/** A tenant whose SLO (99 % within 10 ms) is met to that share, with its interval. */
const tenant = (name: string, attainment = estimate(1), inferencesPerS = estimate(100)) => ({
  tenant: name,
  latencyMs: { mean: estimate(4, 3, 5), percentiles: [] },
  inferencesPerS,
  slo: { percentile: 99, limitMs: 10, met: true, attainment },
});

function runOf(tenants: readonly ReturnType<typeof tenant>[]): JudgedRun {
  const costs = tenants.map(({ tenant: name }) => ({
    tenant: name,
    usdPerMillionInferences: 2,
    penaltyUsdPerHour: 1,
    byReservationUsdPerHour: 1,
  }));
  const cost = { usdPerHour: 3, penaltyUsdPerHour: 1, usdPerMillionInferences: 2, tenants: costs };
  const use = { fined: new Set(tenants.map((each) => each.tenant)) };
  return { report: { summary: { tenants, total: tenants[0] }, cost }, use } as unknown as JudgedRun;
}

const judged = (run: JudgedRun, expectation: Expectation, policy: UnsurePolicy = 'value') =>
  judge(run, expectation, policy).map(({ certainty, passed }) => [certainty, passed]);

describe('an expectation', () => {
  const run = runOf([tenant('a')]);

  it('is sure where the whole interval keeps to the bound or breaks it, at its very end not yet violated', () => {
    expect(judged(run, { metric: 'meanMs', atMost: 5 })).toEqual([['pass', true]]);
    expect(judged(run, { metric: 'meanMs', atMost: 3 })).toEqual([['unsure', false]]);
    expect(judged(run, { metric: 'meanMs', atMost: 2.9 })).toEqual([['fail', false]]);
    expect(judged(run, { metric: 'meanMs', atLeast: 5 }, 'pass')).toEqual([['unsure', true]]);
  });

  it('of the SLO of an overloaded tenant is violated for sure, though its run tells no interval', () => {
    const lost = { ...tenant('a', estimate(0.2, Number.NaN, Number.NaN)), stability: 'overloaded' };
    expect(judged(runOf([lost]), { slo: 'met' }, 'pass')).toEqual([['fail', false]]);
    expect(judged(runOf([{ ...lost, stability: 'stable' } as typeof lost]), { slo: 'met' }, 'pass')).toEqual([
      ['unsure', true],
    ]);
  });

  it('of a figure that is not known is violated, whatever the policy for those that are', () => {
    expect(judged(run, { metric: 'p99Ms', atMost: 5 }, 'pass')).toEqual([['unsure', false]]);
  });

  it('of the cost of an inference is never sure to be met where there may be none', () => {
    const idle = runOf([tenant('a', estimate(1), estimate(100, -20, 220))]);
    expect(judged(idle, { metric: 'usdPerMillionInferences', atMost: 1000 }, 'fail')).toEqual([
      ['unsure', false],
    ]);
  });

  it('of the cost of an inference is surely violated where none was made, and met where nothing is paid', () => {
    const costing = (usdPerMillionInferences: number, inferencesPerS: Parameters<typeof tenant>[2]) => {
      const run = runOf([tenant('a', estimate(1), inferencesPerS)]);
      return { ...run, report: { ...run.report, cost: { ...run.report.cost!, usdPerMillionInferences } } };
    };
    const affordable: Expectation = { metric: 'usdPerMillionInferences', atMost: 1000 };
    const none = costing(Number.POSITIVE_INFINITY, estimate(0, Number.NaN, Number.NaN));
    expect(judged(none, affordable, 'pass')).toEqual([['fail', false]]);
    const free = costing(0, estimate(100, -20, 220));
    expect(judged(free, affordable, 'fail')).toEqual([['pass', true]]);
  });

  it('is sure only where it holds at both ends of the errors of the profiles, where these are looked at', () => {
    const [fast, slow] = [2, 8].map((meanMs) => {
      const mean = estimate(meanMs, Number.NaN, Number.NaN);
      return runOf([{ ...tenant('a'), latencyMs: { mean, percentiles: [] } }]);
    }) as [JudgedRun, JudgedRun];
    const withDoubt = (atMost: number, policy: UnsurePolicy = 'value') =>
      judge(run, { metric: 'meanMs', atMost }, policy, [fast, slow]).map(({ certainty, passed, doubt }) => [
        certainty,
        passed,
        doubt,
      ]);
    const doubt = { low: 2, high: 8 };
    expect(withDoubt(9)).toEqual([['pass', true, doubt]]);
    expect(withDoubt(6)).toEqual([['unsure', true, doubt]]);
    expect(withDoubt(6, 'fail')).toEqual([['unsure', false, doubt]]);
    expect(withDoubt(2.5)).toEqual([['unsure', false, doubt]]);
    expect(withDoubt(1)).toEqual([['fail', false, doubt]]);
  });

  it('of a verdict is unsure where the profiles may be slow enough for another one', () => {
    const verdict = (stability: string) =>
      runOf([{ ...tenant('a'), stability } as ReturnType<typeof tenant>]);
    const judgedAs = (slow: string) =>
      judge(verdict('stable'), { stability: 'stable' }, 'fail', [verdict('stable'), verdict(slow)]).map(
        ({ certainty, passed }) => [certainty, passed],
      );
    const [told] = judge(verdict('overloaded'), { stability: 'stable' }, 'fail');
    expect([told!.expectation, figureText(told!)]).toEqual(['a stable', 'overloaded']);
    expect(judgedAs('stable')).toEqual([['pass', true]]);
    expect(judgedAs('overloaded')).toEqual([['unsure', false]]);
  });

  it('of the penalty of one tenant is as sure as its own SLO, of all as that of all', () => {
    const two = runOf([tenant('a'), tenant('b', estimate(0.99, 0.98, 1))]);
    expect(judged(two, { metric: 'penaltyUsdPerHour', tenant: 'a', atMost: 1 })).toEqual([['pass', true]]);
    expect(judged(two, { metric: 'penaltyUsdPerHour', atMost: 1 })).toEqual([['unsure', true]]);
  });
});

it('an attainment of every tenant is told for wrong where one of them promises nothing, an SLO where none does', () => {
  const wrong = (expectation: Expectation, ...hasSlo: boolean[]) => {
    const tenants = hasSlo.map((has, i) => ({ name: `t${i}`, hasSlo: has }));
    return wrongReferences({ scenario: 's', expect: [expectation] }, { tenants }).length;
  };
  const [attainment, slo]: Expectation[] = [{ metric: 'attainment', atLeast: 0.9 }, { slo: 'met' }];
  expect([wrong(attainment!, true, true), wrong(attainment!, true, false)]).toEqual([0, 1]);
  expect([wrong(slo!, true, false), wrong(slo!, false, false)]).toEqual([0, 1]);
});

it('the memory that a device has left is known where that of all models on it is, whatever stands on others', () => {
  const instance = (device: number, known: boolean) => ({ device, profile: { memory: { known } } });
  const models = [{ instances: [instance(0, true), instance(1, true)] }, { instances: [instance(1, false)] }];
  const devices = [0, 1].map((i) => ({
    server: 's',
    device: `gpu${i}`,
    memoryMb: 100,
    memoryUsedMb: 30,
    busyShare: 0,
  }));
  const scenario = {
    tenants: [],
    servers: [{ name: 's', models, devices: devices.map(({ device }) => ({ name: device })) }],
  };
  const { memoryHeadroomMb } = resourceUse(scenario as never, [{ devices, hosts: [], models: [] }] as never);
  expect([...memoryHeadroomMb]).toEqual([
    ['s/gpu0', 70],
    ['s/gpu1', Number.NaN],
  ]);
});
