import { errorFunction } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { loadSolver } from '../../src/node/plan/highs.js';
import { type PlanResult, plan } from '../../src/plan/plan.js';
import type { PlanProblem } from '../../src/plan/problem-setting.js';
import { scenarioOf } from '../../src/plan/scenario-of.js';
import { driveInline, JobRunner } from '../../src/plan/search/jobs.js';
import { doubtSentences } from '../../src/report/plan/plan-doubt.js';
import { planReport } from '../../src/report/plan/plan-report.js';
import { planToText } from '../../src/report/plan/plan-text.js';
import { linearProfile, smallPlan } from './support/small-plans.js';

const solve = await loadSolver();

function answerOf(problem: PlanProblem): PlanResult {
  const limits = { remainingS: () => 1e6, mostSimulations: 100 };
  return driveInline(plan(problem, { solve, ...limits }), new JobRunner(problem), limits);
}

/** 10 ms for each execution and lone requests, so that an SLO of 15 ms holds up to nearly 50 % more. */
function lonely({
  meanErrorPercent = 20,
  limitMs = 15.05,
  isSure = false,
  plan: more = {},
} = {}): PlanProblem {
  const validation = {
    source: 'somebody',
    points: 4,
    meanErrorPercent,
    worst: { load: 'one client', measuredPerS: 10, predictedPerS: 14 },
  };
  const profile = linearProfile('cats', 'Tesla T4', {
    fixedMs: 10,
    perItemMs: 0,
    more: { validation },
  });
  const setting = { durationS: 20, batching: { maxBatchSizes: [1] }, ...more };
  return smallPlan([{ model: 'cats', ratePerS: 2, limitMs, percentile: 90 }], [profile], setting, {}, isSure);
}

describe('the answer of a plan', () => {
  it('says up to which times it holds, beside how much longer they may be by the errors of its profiles', () => {
    const problem = lonely();
    const { slowEnd } = answerOf(problem);
    expect(slowEnd).toMatchObject({ holdsTo: 1.5, isOpen: false, violated: ['cats'] });
    const text = planToText(planReport(problem, answerOf(problem)));
    expect(text).toContain('It holds with all times up to 50 % longer than the profiles say.');
    expect(text.replace(/\s+/g, ' ')).toContain(
      'Their errors reach 63 % (cats on Tesla T4); there the SLO of cats is violated (--sure plans for it). By these errors every SLO is met with 94 % confidence.',
    );
  });

  it('counts at the slow end what busy slices of one GPU may cost each other, which --sure plans for', () => {
    const on = (limitMs: number, isSure: boolean, machine: Record<string, unknown> = {}) => {
      const profile = linearProfile('cats', 'H100-SXM-80GB MIG 3g.40gb', { fixedMs: 10, perItemMs: 0 });
      const machines = [
        {
          name: 'm',
          gpu: 'H100-SXM-80GB',
          sharing: ['mig'],
          machine: { kind: 'm', usdPerHour: 1 },
          ...machine,
        },
      ];
      const setting = { durationS: 20, batching: { maxBatchSizes: [1] }, machines };
      const tenants = [{ model: 'cats', ratePerS: 2, limitMs, percentile: 90 }];
      return smallPlan(tenants, [profile], setting, {}, isSure);
    };
    const said = (problem: PlanProblem) =>
      planToText(planReport(problem, answerOf(problem))).replace(/\s+/g, ' ');
    const tight = on(12, false);
    expect(answerOf(tight).slowEnd!.violated).toEqual(['cats']);
    expect(said(tight)).toContain(
      'Their errors reach 25 % (what busy slices of one GPU cost each other); there the SLO of cats is violated (--sure plans for it).',
    );
    expect(answerOf(on(12, true)).chosen).toBeUndefined();
    expect(said(on(13, true))).toContain('errors: 25 % (what busy slices of one GPU cost each other).');
    const mild = on(12, false, { neighbourSlowdown: 1.1 });
    const { candidates, chosen, slowEnd } = answerOf(mild);
    expect(slowEnd!.violated).toEqual([]);
    // A scenario beside profiles as they were measured says it, too: its figures are those of the plan.
    const devicesOf = (isWritten: boolean) =>
      scenarioOf(mild, candidates[chosen!]!.placement, { name: 'test', isWritten }).servers;
    expect(devicesOf(true)).toMatchObject([{ devices: [{ neighbourSlowdown: 1.1 }] }]);
    expect(JSON.stringify(devicesOf(false))).not.toContain('neighbourSlowdown');
  });

  it('tells apart the profiles of which no error is known', () => {
    const profiles = [43, undefined].map((errorPercent, i) => ({
      model: `m${i}`,
      device: 'CPU',
      ...(errorPercent !== undefined && { errorPercent }),
    }));
    const doubt = { isSure: false, holdsToPercent: 50, isOpen: false, violated: [], profiles };
    expect(doubtSentences(doubt)[1]).toBe(
      'Their errors reach 43 % (m0 on CPU); there it holds, too. Those of m1 on CPU are not known, and not counted.',
    );
  });

  it('does not promise 0 % more time, but asks for a margin', () => {
    const doubt = { isSure: false, holdsToPercent: 0, isOpen: false, violated: [], profiles: [] };
    expect(doubtSentences(doubt)[0]).toBe(
      'It was found to hold only with the times that the profiles say: plan with a marginPercent.',
    );
  });

  it('is as sure of that as the errors of all its profiles are small together, each by its own', () => {
    const profiles = [1, 2].map((number) =>
      linearProfile(`cats-${number}`, 'Tesla T4', {
        fixedMs: 10,
        perItemMs: 0,
        more: {
          fit: {
            method: 'none',
            points: 9,
            heldOut: 0,
            meanErrorPercent: 0,
            maxErrorPercent: 0,
            latencyErrorPercent: { mean: 20 * number, p50: 0, p95: 0, p99: 0 },
          },
        },
      }),
    );
    const tenants = profiles.map(({ model }) => ({ model, ratePerS: 2, limitMs: 25, percentile: 90 }));
    const problem = smallPlan(tenants, profiles, { durationS: 20, batching: { maxBatchSizes: [1] } });
    const { doubt } = planReport(problem, answerOf(problem));
    const within = (deviation: number) =>
      (1 + errorFunction(Math.log(1 + doubt!.holdsToPercent! / 100) / deviation / Math.SQRT2)) / 2;
    expect(doubt!.confidencePercent! / 100).toBeCloseTo(within(0.2) * within(0.4), 2);
  });

  it('counts its margin as times longer than the profiles say, and does not add it to their errors', () => {
    const { slowEnd } = answerOf(lonely({ meanErrorPercent: 14, plan: { marginPercent: 20 } }));
    expect(slowEnd!.holdsTo).toBeCloseTo(1.5, 1);
    // 41 % is less than 50 %, 41 % after 20 % would be more.
    expect(slowEnd!.violated).toEqual([]);
  });

  it('holds at the slow end of the errors where that is asked for, or there is none', () => {
    expect(answerOf(lonely({ isSure: true })).chosen).toBeUndefined();
    const problem = lonely({ limitMs: 17, isSure: true });
    const { chosen, slowEnd } = answerOf(problem);
    expect(chosen).toBeDefined();
    expect(slowEnd).toBeUndefined();
    expect(planToText(planReport(problem, answerOf(problem)))).toContain(
      "Planned at the slow end of the profiles' errors: 63 % (cats on Tesla T4).",
    );
  });
});
